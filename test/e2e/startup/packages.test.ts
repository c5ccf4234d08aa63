import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../support/eventually.ts";
import { ROOT } from "../../support/root.ts";

// README's first commands, in a fresh copy below a folder that has a node_modules of its own.

let folder = "";
let copy = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "fernet-chat-copy-"));
	copy = join(folder, "it's here");
	mkdirSync(join(folder, "node_modules"));
	for (const part of ["lib", "server.ts", "client.ts", "package.json", "bun.lock", "bunfig.toml"])
		cpSync(join(ROOT, part), join(copy, part), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = (cwd: string, script: string, ...flags: string[]) =>
	Bun.spawn([process.execPath, script, ...flags], {
		cwd,
		// As for a package or an executable, whose keys would be there.
		env: { ...process.env, FERNET_CHAT_PASSWORD: "abcdefghijklmnop", XDG_RUNTIME_DIR: folder },
		stdout: "pipe",
		stderr: "pipe",
	});

test("in the copy they fetch their packages and start", async () => {
	const server = start(copy, "server.ts", "--port", "0", "--web", "0");
	let printed = "";
	const reading = (async () => {
		for await (const bytes of server.stdout) printed += new TextDecoder().decode(bytes);
	})();
	await eventually(
		"a server",
		() => printed.includes("listens on"),
		() => printed,
	);
	expect(printed).toContain(`keeps keys in ${join(copy, "keys")}.`);
	// The bundler, too, has the page's packages.
	const [, url = ""] = await eventually("the page", () => /terminal join at: (\S+)/.exec(printed));
	const [, script = ""] = /src="([^"]+\.js)"/.exec(await (await fetch(url)).text()) ?? [];
	const code = await (await fetch(new URL(script, url))).text();
	// In the versions for browsers.
	expect(code).toContain("WebSocket");
	expect(code).not.toMatch(/["']node:|createCipheriv/);
	server.kill();
	expect(await server.exited).toBe(0);
	await reading;
});

test("from elsewhere a misspelt flag is said to be one, without a suggestion", async () => {
	const program = start(folder, join(copy, "server.ts"), "--prt", "0");
	expect(await program.exited).toBe(1);
	expect(await new Response(program.stderr).text()).toBe(
		"Unknown option '--prt'. Type --help for the flags.\n",
	);
});

test("a package that lost its own packages says to install it again", async () => {
	const place = join(folder, "node_modules", "fernet-chat");
	renameSync(copy, place);
	const program = start(
		folder,
		join(place, "client.ts"),
		"--name",
		"ann",
		"--email",
		"ann@gmail.com",
	);
	expect(await program.exited).toBe(1);
	expect(await new Response(program.stderr).text()).toBe(
		`The packages that fernet-chat needs are missing. Install it again: its folder is ${place}\n`,
	);
	renameSync(place, copy);
});

const commands: [script: string, flags: string[]][] = [
	["server.ts", ["--port", "0"]],
	["client.ts", ["--name", "ann", "--email", "ann@gmail.com"]],
];

test.each(commands)(
	"from elsewhere %s says what is missing, and what to type",
	async (script, flags) => {
		const program = start(folder, join(copy, script), ...flags);
		expect(await program.exited).toBe(1);
		const [line = "", ...more] = (await new Response(program.stderr).text()).trimEnd().split("\n");
		expect(line).toStartWith("The packages that fernet-chat needs are missing.");
		expect(line).toContain(`a node_modules (here ${folder}) only if you start it inside the copy`);
		expect(line).toEndWith(`Run: cd '${folder}/it'\\''s here' && bun install`);
		expect(more).toEqual([]);
	},
);
