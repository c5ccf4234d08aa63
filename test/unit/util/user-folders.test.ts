import { afterAll, beforeEach, expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { defaultKeys } from "../../../lib/options/folders.ts";
import { runtimeFolder, stateFolder } from "../../../lib/util/user-folders.ts";

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-user-"));
afterAll(() => rmSync(folder, { recursive: true }));
const given = join(folder, "given");
const usual = join(folder, "usual");
beforeEach(() => {
	for (const path of [given, usual]) {
		rmSync(path, { recursive: true, force: true });
		mkdirSync(path, { mode: 0o700 });
	}
});
const found = (XDG_RUNTIME_DIR?: string) => runtimeFolder({ XDG_RUNTIME_DIR }, usual);

test("the runtime folder is that of the variable, and the usual one without it", () => {
	expect(found(given)).toEqual({ path: given, variable: "XDG_RUNTIME_DIR" });
	for (const none of [undefined, "", "run", "./run"]) expect(found(none)).toEqual({ path: usual });
});

test.each([
	["is not there", (path: string) => rmSync(path, { recursive: true })],
	["others can read", (path: string) => chmodSync(path, 0o750)],
	["others can look into", (path: string) => chmodSync(path, 0o701)],
	[
		"is a file",
		(path: string) => {
			rmSync(path, { recursive: true });
			writeFileSync(path, "", { mode: 0o600 });
		},
	],
	[
		"is another user's",
		(path: string) => {
			// Only root can give a folder away; anybody can find root's.
			if (process.getuid?.() === 0) chownSync(path, 1000, 1000);
			else {
				rmSync(path, { recursive: true });
				Bun.spawnSync(["ln", "-s", "/root", path]);
			}
		},
	],
])("one that %s is none", (_, spoil) => {
	spoil(given);
	expect(found(given)).toEqual({ path: usual });
	spoil(usual);
	expect(found(given)).toBeNull();
	expect(found()).toBeNull();
});

test("session keys are there, or else where the state is", () => {
	expect(defaultKeys({ XDG_RUNTIME_DIR: given, XDG_STATE_HOME: usual })).toEqual({
		path: join(given, "fernet-chat/keys"),
		variable: "XDG_RUNTIME_DIR",
	});
	// The user who runs this may have a runtime folder.
	const otherwise = runtimeFolder({}) ?? stateFolder({ XDG_STATE_HOME: usual });
	expect(defaultKeys({ XDG_STATE_HOME: usual })).toEqual({
		...otherwise,
		path: join(otherwise.path, "fernet-chat/keys"),
	});
});

test("the state folder is that of the variable, and the usual one without it", () => {
	expect(stateFolder({ XDG_STATE_HOME: "~/x" })).toEqual({
		path: join(homedir(), "x"),
		variable: "XDG_STATE_HOME",
	});
	for (const XDG_STATE_HOME of [undefined, "", "x"]) {
		expect(stateFolder({ XDG_STATE_HOME })).toEqual({ path: join(homedir(), ".local/state") });
	}
});
