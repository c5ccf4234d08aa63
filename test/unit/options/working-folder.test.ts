import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../lib/options/parsers.ts";
import { assertWorkingFolder } from "../../../lib/options/working-folder.ts";
import { ROOT } from "../../support/root.ts";

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-folder-"));
afterAll(() => rmSync(folder, { recursive: true }));

let folders = 0;
/** A check in a new folder with these files. */
function checkIn(names: string[], execArgv: string[]): () => void {
	const cwd = join(folder, `it's ${++folders}`);
	mkdirSync(cwd);
	for (const name of names) writeFileSync(join(cwd, name), "");
	const main = "/opt/it's here/client.ts";
	return () => assertWorkingFolder({ cwd, execArgv, main });
}

const SILENT = ["--no-env-file", "--config=/dev/null"];

const read: [name: string, execArgv: string[]][] = [
	[".env", []],
	[".env.local", []],
	// Each can set NODE_ENV to another mode than the one by which Bun has read it.
	[".env.development", []],
	[".env.development.local", []],
	[".env.production", []],
	[".env.test.local", []],
	["bunfig.toml", []],
	["bunfig.toml", ["--no-env-file"]],
	[".env", ["--config=/dev/null"]],
];

test.each(read)("%s, of which Bun with %p has made settings, is named", (name, execArgv) => {
	const check = checkIn(["README.md", name], execArgv);
	expect(check).toThrow(UsageError);
	expect(check).toThrow(`it's ${folders}/${name}"`);
	expect(check).toThrow(/or by its path alone, .*: '\/opt\/it'\\''s here\/client\.ts'$/);
});

const unread: [names: string[], execArgv: string[]][] = [
	[[".env.example", "package.json", ".npmrc", "node_modules"], []],
	[[".env", ".env.local", ".env.development", "bunfig.toml"], SILENT],
];

test.each(unread)("%p, none of which Bun with %p has read, are no matter", (names, execArgv) => {
	expect(checkIn(names, execArgv)).not.toThrow();
});

test("the program's own folder has a bunfig.toml of its own", () => {
	const start = { execArgv: [], main: join(ROOT, "client.ts") };
	expect(() => assertWorkingFolder({ ...start, cwd: ROOT })).not.toThrow();
});
