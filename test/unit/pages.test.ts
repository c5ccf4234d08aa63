import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { ERROR_CODES } from "../../lib/wire/error-codes.ts";
import { Fernet } from "../../lib/wire/fernet.ts";
import { readBatch, readClientMessage, readServerMessage } from "../../lib/wire/messages.ts";
import { ROOT } from "../support/root.ts";

const readme = await Bun.file(join(ROOT, "README.md")).text();

test.each(["README.md", "SECURITY.md"])("every path below test/ that %s names exists", (page) => {
	const text = readFileSync(join(ROOT, page), "utf8");
	const named = Array.from(
		text.matchAll(/\btest\/[\w/.-]*\w|(?<=`)[\w-]+\.test\.ts/g),
		([path]) => path,
	);
	expect(named.length).toBeGreaterThan(5);
	expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("test/README.md names every folder of tests, and nothing that is not there", () => {
	const text = readFileSync(join(ROOT, "test/README.md"), "utf8");
	const named = Array.from(text.matchAll(/`([\w/-]+\/|[\w/-]+\.ts|e2e\/\w+)`/g), ([, path = ""]) =>
		path.replace(/\/$/, ""),
	);
	const isThere = (path: string): boolean =>
		["", "test", "test/support"].some((folder) => existsSync(join(ROOT, folder, path)));
	expect(named.filter((path) => !isThere(path))).toEqual([]);
	const files = [...new Glob("*/**/*").scanSync(join(ROOT, "test"))];
	const all = new Set(files.map((file) => /^(e2e\/\w+|\w+)/.exec(file)?.[0] ?? file));
	expect([...all].filter((path) => !named.includes(path))).toEqual([]);
});

test("every code is written down, with where it is said and what a client does next", () => {
	const table = /\| code \| said in \| then \|\n\|---\|---\|---\|\n((?:\|.*\n)+)/.exec(readme)?.[1];
	const rows = Object.entries(ERROR_CODES).map(
		([code, { places, next }]) => `| \`${code}\` | ${places.join(", ")} | ${next} |\n`,
	);
	expect(table).toBe(rows.join(""));
});

/** The worked example: for each token its way, the key's epoch and the JSON that is printed below. */
function* example(): Generator<{ way: string; epoch: number; token: string; json: string }> {
	const lines =
		/### A conversation, token by token[\s\S]*?```\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
	for (const [, way = "", epoch = "0", token = "", json = ""] of lines.matchAll(
		/^([<>]) (?:(\d+) )?(gAAAA\S+)\n {2}(.*)$/gm,
	)) {
		yield { way, epoch: Number(epoch), token, json };
	}
}

test("the worked example opens with the keys it names", () => {
	const session = /session key is `(\S+)`/.exec(readme)?.[1] ?? "";
	const keys = new Map([[0, new Fernet(session)]]);
	const counts = { ">": 0, "<": 0 };
	const events: { seq: number }[] = [];
	for (const { way, epoch, token, json } of example()) {
		const text = Buffer.from(keys.get(epoch)?.decrypt(token) ?? []).toString();
		expect(text).toBe(json);
		const message = JSON.parse(text);
		if (epoch === 0) expect(message.n).toBe(counts[way as ">" | "<"]++);
		if (epoch > 0) events.push(...readBatch(message).events);
		else if (way === "<") readServerMessage(message);
		else readClientMessage(message);
		const next = message.next ?? message;
		if (next.key) keys.set(next.epoch, new Fernet(next.key));
	}
	expect(keys.size).toBeGreaterThan(2);
	expect(events.map(({ seq }) => seq)).toEqual([2, 3, 4]);
	expect(counts).toEqual({ ">": 3, "<": 2 });
});
