import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../lib/options/parsers.ts";
import { assertFolderUnread } from "../../../lib/options/working-folder.ts";
import { ROOT } from "../../support/root.ts";

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-folder-"));
afterAll(() => rmSync(folder, { recursive: true }));

let folders = 0;
/** A check in a new folder with these files. */
function checkIn(names: string[], execArgv: string[], NODE_ENV: string | undefined): () => void {
	const cwd = join(folder, `it's ${++folders}`);
	mkdirSync(cwd);
	for (const name of names) writeFileSync(join(cwd, name), "");
	const main = "/opt/it's here/client.ts";
	return () => assertFolderUnread({ cwd, execArgv, main, environment: { NODE_ENV } });
}

const SILENT = ["--no-env-file", "--config=/dev/null"];

const read: [name: string, execArgv: string[], NODE_ENV: string | undefined][] = [
	[".env", [], undefined],
	[".env.local", [], undefined],
	[".env.development", [], undefined],
	[".env.development.local", [], "staging"],
	[".env.production", [], "production"],
	[".env.test.local", [], "test"],
	["bunfig.toml", [], undefined],
	["bunfig.toml", ["--no-env-file"], undefined],
	[".env", ["--config=/dev/null"], undefined],
];

test.each(read)("%s, of which Bun with %p has made settings, is named", (name, execArgv, mode) => {
	const check = checkIn(["README.md", name], execArgv, mode);
	expect(check).toThrow(UsageError);
	expect(check).toThrow(`it's ${folders}/${name}"`);
	expect(check).toThrow(/or by its path alone, .*: '\/opt\/it'\\''s here\/client\.ts'$/);
});

const unread: [names: string[], execArgv: string[], NODE_ENV: string | undefined][] = [
	[[".env.example", "package.json", ".npmrc", "node_modules"], [], undefined],
	[[".env.production"], [], undefined],
	[[".env.development"], [], "production"],
	[[".env", ".env.local", "bunfig.toml"], SILENT, undefined],
];

test.each(unread)(
	"%p, none of which Bun with %p has read, are no matter",
	(names, execArgv, mode) => {
		expect(checkIn(names, execArgv, mode)).not.toThrow();
	},
);

test("the program's own folder has a bunfig.toml of its own", () => {
	const start = { execArgv: [], main: join(ROOT, "client.ts"), environment: {} };
	expect(() => assertFolderUnread({ ...start, cwd: ROOT })).not.toThrow();
});
