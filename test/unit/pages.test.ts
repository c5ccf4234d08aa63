import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { commandNames } from "../../lib/client/commands/commands.ts";
import { clientOptions } from "../../lib/options/client.ts";
import { serverOptions } from "../../lib/options/server.ts";
import manifest from "../../package.json" with { type: "json" };
import { chartOf } from "../bench/chart.ts";
import type { Row } from "../bench/figures.ts";
import { type Report, show } from "../bench/report.ts";
import results from "../bench/results.json" with { type: "json" };
import { ROOT } from "../support/root.ts";

// The pages: everything they name exists, with the names and values that they give.

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const isThere = (path: string): boolean => existsSync(join(ROOT, path));

const pages = Array.from(new Glob("**/*.md").scanSync(ROOT))
	.filter((path) => !path.includes("node_modules/"))
	.sort();
/** The pages about the programs and not about their tests. */
const manuals = pages.filter((path) => !path.startsWith("test/"));

/** Cells of each row of a page's tables, without heads and rules. */
const tableRows = (path: string): string[][] =>
	[...read(path).matchAll(/^\| (?!-)(.*) \|$/gm)].map(([, row = ""]) =>
		row.split(/(?<!\\)\|/).map((cell) => cell.trim()),
	);

const inCode = (cell = ""): string[] =>
	Array.from(cell.matchAll(/`([^`]+)`/g), ([, it = ""]) => it);

test("README is short, and its first screen has the two commands and the picture", () => {
	const lines = read("README.md").split("\n");
	expect(lines.length).toBeLessThanOrEqual(200);
	const screen = lines.slice(0, 40).join("\n");
	for (const part of ["bun server.ts", "bun client.ts", "](test/picture.svg)", "end-to-end"]) {
		expect(screen).toContain(part);
	}
});

/** The anchor of a heading. */
const slug = (heading: string): string =>
	heading
		.toLowerCase()
		.replaceAll(/[^\w\s-]/g, "")
		.replaceAll(" ", "-");

function* brokenLinks(page: string): Generator<string> {
	for (const [, target = ""] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
		if (/^https?:/.test(target)) continue;
		const [file = "", anchor] = target.split("#");
		const path = file === "" ? page : join(dirname(page), file);
		if (!isThere(path)) yield target;
		else if (anchor !== undefined) {
			const headings = Array.from(read(path).matchAll(/^#+ (.*)$/gm), ([, text = ""]) =>
				slug(text),
			);
			if (!headings.includes(anchor)) yield target;
		}
	}
}

/** Paths from the root; a bare test name is in the folder of the path before it. */
function* missingPaths(page: string): Generator<string> {
	let folder = ".";
	const paths =
		/(?<![\w./~-])(?:lib|test|keys|\.ci)\/[\w./-]*[\w/]|(?<=`)[\w-]+\.test\.ts(?=`)|(?<=\bbun )[\w-]+\.ts/g;
	for (const [path] of read(page).matchAll(paths)) {
		const full = path.includes("/") || !path.includes(".test.") ? path : join(folder, path);
		folder = dirname(full);
		if (!isThere(full)) yield path;
	}
}

describe.each(pages)("%s", (page) => {
	test("links to files and headings that are there", () => {
		expect([...brokenLinks(page)]).toEqual([]);
	});

	test("names paths and scripts that are there", () => {
		expect([...missingPaths(page)]).toEqual([]);
		const scripts = Array.from(read(page).matchAll(/\bbun run ([a-z]+)/g), ([, name = ""]) => name);
		expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
	});
});

test("links and paths are found at all", () => {
	expect(pages.length).toBeGreaterThan(7);
	expect(read("README.md")).toMatch(/\]\(INVITATION\.md\)/);
	expect(read("SECURITY.md")).toContain("`test/e2e/tls/asking.test.ts`");
});

test("every command can be pasted: most shells on a terminal take a comment for words", () => {
	const blocks = pages.flatMap((page) => [...read(page).matchAll(/^ *```sh\n(.*?)^ *```/gms)]);
	expect(blocks.length).toBeGreaterThan(20);
	// fish has no here-documents.
	for (const [, commands = ""] of blocks) expect(commands).not.toMatch(/(^|\s)#|<</);
});

const flagsIn = (text: string, start: RegExp): string[] =>
	Array.from(text.matchAll(start), ([, name = ""]) => name);
const flagsOf = (help: string): string[] => flagsIn(help, /^ {2}(?:-\w, )?--([a-z-]+)/gm);

const programs = [
	{ page: "lib/server/README.md", ask: (...args: string[]) => serverOptions(args, {}) },
	{
		page: "lib/client/README.md",
		ask: (...args: string[]) => clientOptions(args, {}, { canAsk: true, canDraw: true }),
	},
].map(({ page, ask }) => ({ page, help: String(ask("--help")), options: Object(ask()) }));

describe.each(programs)("$page", ({ page, help, options }) => {
	const rows = tableRows(page).filter(([first]) => first?.startsWith("`--"));

	test("lists every flag, and no other", () => {
		const listed = rows
			.filter((row) => row.length === 3)
			.flatMap(([first = ""]) => flagsIn(first, /--([a-z-]+)/g));
		expect(listed.sort()).toEqual(flagsOf(help).sort());
	});

	test("gives the defaults", () => {
		const values: Record<string, unknown> = { ...options, ...options.limits };
		const compared = rows.flatMap(([first = "", , third]) => {
			const [name = ""] = flagsIn(first, /--([a-z-]+)/g);
			const value = values[name.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase())];
			const [given] = inCode(third);
			return given === undefined || !/^(string|number)$/.test(typeof value) || name === "keys"
				? []
				: [{ name, given, value: String(value).replace(homedir(), "~") }];
		});
		expect(compared.length).toBeGreaterThan(0);
		for (const { name, given, value } of compared)
			expect(`${name} ${given}`).toBe(`${name} ${value}`);
	});
});

test("every variable of the manuals is a flag's, or holds a secret", () => {
	const secrets = ["PASSWORD", "TOKEN", "MAILER_USER", "MAILER_PASSWORD"];
	const flags = programs.flatMap(({ help }) => flagsOf(help));
	const known = [...secrets, ...flags.map((flag) => flag.toUpperCase().replaceAll("-", "_"))];
	const named = manuals.flatMap((page) => flagsIn(read(page), /FERNET_CHAT_(\w+)/g));
	expect(named.length).toBeGreaterThan(10);
	expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test("README lists every command, and no other", () => {
	const typed = tableRows("README.md").flatMap(([first]) =>
		inCode(first).flatMap((code) => flagsIn(code, /^(\/[a-z]+)/g)),
	);
	expect(typed.sort()).toEqual(commandNames(true).sort());
});

describe("lib/README.md", () => {
	const page = read("lib/README.md");

	test("lists every folder of code", () => {
		const folders = new Set(Array.from(new Glob("lib/*/**/*.ts").scanSync(ROOT), dirname));
		// For these two folders, the page names the files instead.
		for (const folder of folders.difference(new Set(["lib/server", "lib/client"]))) {
			expect(page).toContain(`[\`${folder}\`]`);
		}
	});

	test("follows a message through functions that are there", () => {
		const steps = tableRows("lib/README.md").filter(
			(row) => row.length === 3 && row[1]?.startsWith("`lib/"),
		);
		expect(steps.length).toBeGreaterThan(15);
		for (const [, files, functions] of steps) {
			const paths = inCode(files);
			for (const [i, name] of inCode(functions).entries()) {
				const path = paths[Math.min(i, paths.length - 1)] ?? "";
				expect(`${path}: ${read(path)}`).toMatch(
					new RegExp(
						`^\\t*(?:export )?(?:async )?(?:function )?(?:readonly )?${name}(?: = )?\\(`,
						"m",
					),
				);
			}
		}
	});

	test("says of every package why it is here", () => {
		for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
			expect(page).toMatch(new RegExp(`^\\|.*\`${name}\``, "m"));
		}
	});
});

test("the bench's page gives the figures of the last full run", () => {
	const { rows, machine, date }: Report = results;
	const page = read("test/bench/README.md");
	const figure = (what: string, size: string, who: string): Row | undefined =>
		rows.find((row) => `${row.what}, ${row.unit}` === what && row.size === size && row.who === who);
	expect(page.replaceAll(/\s+/g, " ")).toContain(
		`(${date}, ${machine.cpu}, ${machine.cores} cores`,
	);
	let head: string[] = [];
	let compared = 0;
	for (const cells of tableRows("test/bench/README.md")) {
		if (cells[0] === "") head = cells;
		const [what = "", size = "", ...figures] = cells;
		for (const [i, shown] of figures.entries()) {
			const who = head[i + 2] ?? "";
			const name = who === "fernet-chat, TLS" ? what.replace(",", " over TLS,") : what;
			const row = figure(name, size, who);
			if (!row) continue;
			expect(`${what} ${size} ${who} ${shown}`).toBe(
				`${what} ${size} ${who} ${show(row.value.median)}`,
			);
			compared++;
		}
	}
	expect(compared).toBeGreaterThan(50);
});

test("the chart is of the last full run, and all in it have a colour in light and in dark", () => {
	const chart = chartOf(results);
	expect(read("test/bench/chart.svg")).toBe(chart);
	const shown = new Set(Array.from(chart.matchAll(/class="bar (c\d+)"/g), ([, name]) => name));
	expect(shown.size).toBeGreaterThan(4);
	for (const name of shown) expect(chart.split(`.${name} { color: `).length - 1).toBe(2);
});

test("test/README.md names every folder of tests, and nothing that is not there", () => {
	const named = Array.from(
		read("test/README.md").matchAll(/`([\w/-]+\/|[\w/-]+\.ts|e2e\/\w+)`/g),
		([, path = ""]) => path.replace(/\/$/, ""),
	);
	const places = ["", "test/", "test/support/"];
	expect(named.filter((path) => !places.some((place) => isThere(`${place}${path}`)))).toEqual([]);
	const files = [...new Glob("*/**/*").scanSync(join(ROOT, "test"))];
	const folders = new Set(files.map((file) => /^(e2e\/\w+|\w+)/.exec(file)?.[0] ?? file));
	expect([...folders].filter((path) => !named.includes(path))).toEqual([]);
});

test("CI runs the very command that README gives for a machine with Node and npm alone", () => {
	const [command = ""] = /^npx .* run test$/m.exec(read("README.md")) ?? [];
	expect(command).not.toBe("");
	expect(read(".ci/run").split("\n")).toContain(`\t${command}`);
	expect(manifest.packageManager).toStartWith(`bun@${/bun@(\S+)/.exec(command)?.[1]}.`);
});
