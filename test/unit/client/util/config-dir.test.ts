import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";
import { ROOT } from "../../../support/root.ts";

// What lies in the place of a file of the client's own must neither hang it nor fill its memory.

let home: string;
let folder: string;

beforeAll(() => {
	home = mkdtempSync(join(tmpdir(), "fernet-chat-config-"));
	folder = join(home, "fernet-chat");
	mkdirSync(folder);
});
afterAll(() => rmSync(home, { recursive: true }));

const MODULE = join(ROOT, "lib/client/util/config-dir.ts");

/** Reads the files in a process of its own, in case it blocks. */
function read(...files: string[]): unknown {
	const script = `import { ConfigDir } from ${JSON.stringify(MODULE)};
		const dir = new ConfigDir({ XDG_CONFIG_HOME: ${JSON.stringify(home)} });
		console.log(JSON.stringify(${JSON.stringify(files)}.map((file) => dir.read(file))));`;
	const { stdout } = Bun.spawnSync([process.execPath, "-e", script], { timeout: 8000 });
	return JSON.parse(stdout.toString() || "null");
}

test("a FIFO, a link to one, a device, a folder, and far too much count as nothing", () => {
	Bun.spawnSync(["mkfifo", join(folder, "fifo")]);
	symlinkSync("fifo", join(folder, "link"));
	symlinkSync("/dev/zero", join(folder, "device"));
	mkdirSync(join(folder, "folder"));
	writeFileSync(join(folder, "long"), `{"a":"${"x".repeat(2 ** 20)}"}`);
	expect(read("fifo", "link", "device", "folder", "long", "absent")).toEqual(Array(6).fill({}));
});

test("a file of ours reads back, through a link too", () => {
	writeFileSync(join(folder, "good"), '{"a":"ä"}');
	symlinkSync("good", join(folder, "dotfiles"));
	writeFileSync(join(folder, "marked"), '\uFEFF{"a":\r\n"ä"}\r');
	expect(read("good", "dotfiles", "marked")).toEqual(Array(3).fill({ a: "ä" }));
});

test("XDG_CONFIG_HOME says where, with ~ for the home folder; a relative path is ignored", () => {
	const folderFor = (XDG_CONFIG_HOME?: string) => new ConfigDir({ XDG_CONFIG_HOME }).folder;
	expect(folderFor("/x")).toBe("/x/fernet-chat");
	expect(folderFor("~")).toBe(join(homedir(), "fernet-chat"));
	expect(folderFor("~/my cfg")).toBe(join(homedir(), "my cfg/fernet-chat"));
	for (const given of [undefined, "", "cfg", "./cfg", "../cfg", "~ann/cfg"])
		expect(folderFor(given)).toBe(join(homedir(), ".config/fernet-chat"));
});
