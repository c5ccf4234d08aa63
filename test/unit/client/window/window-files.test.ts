import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigDir } from "../../../../lib/client/util/config-dir.ts";
import { readPageMessage } from "../../../../lib/client/window/page-messages.ts";
import { changeKept, readKept } from "../../../../lib/client/window/window-files.ts";

// What a page changes in the client's files.

const folder = mkdtempSync(join(tmpdir(), "fernet-chat-files-"));
const store = new ConfigDir({ XDG_CONFIG_HOME: folder });
afterAll(() => rmSync(folder, { recursive: true }));

test("only what the page has changed is written: another client may have written since", () => {
	store.write("preferences.json", { bell: "all", time: "long" });
	store.write("servers.json", { a: "b" });
	expect(readKept(store)).toEqual({
		...{ "login.json": {}, "ignored.json": {} },
		"preferences.json": { bell: "all", time: "long" },
	});
	store.write("preferences.json", { bell: "off", time: "long" });
	changeKept(store, "preferences.json", { time: "short" });
	expect(store.read("preferences.json")).toEqual({ bell: "off", time: "short" });
	changeKept(store, "ignored.json", { "a:1": [{ name: "bob", visit: "x" }], "b:2": [] });
	changeKept(store, "ignored.json", { "a:1": null, "c:3": null });
	expect(store.read("ignored.json")).toEqual({ "b:2": [] });
});

const keep = { type: "keep", changes: { a: 1 } };
const status = { code: 0 as const, reason: "left", text: "You left." };
test.each([
	["another file", { ...keep, file: "servers.json" }],
	["a path", { ...keep, file: "../x.json" }],
	["no changes", { type: "keep", file: "login.json" }],
	["a list of changes", { ...keep, file: "login.json", changes: [] }],
	["a device for nobody", { type: "load_device", id: 1, email: "x" }],
	["a device that is none", { type: "save_device", email: "a@b.cc", device: "x" }],
	["another exit code", { type: "over", status: { ...status, code: 1 } }],
	["an ending without a text", { type: "over", status: { ...status, text: "" } }],
	["a name that a terminal could obey", { type: "joined", name: "\x1b[31m" }],
	["an answer that is neither", { type: "trust", isTrusted: "yes" }],
	["a number that is none", { type: "try", id: -1 }],
	["a fault without a text", { type: "tried", number: 1, fault: { code: "x" } }],
	["an unknown type", { type: "run" }],
	["nothing", null],
])("%s is refused", (_, message) => {
	expect(() => readPageMessage(message)).toThrow();
});

test("what a page says is taken", () => {
	expect(readPageMessage({ ...keep, file: "login.json" })).toMatchObject(keep);
	expect(readPageMessage({ type: "over", status })).toEqual({ type: "over", status });
});
