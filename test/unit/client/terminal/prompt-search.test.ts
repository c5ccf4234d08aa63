import { describe, expect, test } from "bun:test";
import type { Key, KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { key, open, submit, text } from "./prompt-harness.ts";

describe("Ctrl-R", () => {
	/** A prompt after these lines were sent, with a draft, and then these keys. */
	function after(...keys: Key[]) {
		const { prompt, editor } = open();
		for (const line of ["one apple", "two pears\nand a plum", "/tell bob apples", "three"]) {
			editor.insert(line);
			prompt.press(key("enter"));
		}
		editor.insert("draft");
		prompt.press(key("left"));
		const actions = [key("ctrl-r"), ...keys].map((each) => prompt.press(each));
		const { rows } = prompt.view(60, 24);
		const line = `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`;
		return { actions, line, shown: Bun.stripANSI(rows.join("\n")), prompt, editor };
	}

	test.each<[keys: Key[], shown: string]>([
		[[], "search: > "],
		[[text("app")], "search: app> /tell bob apples"],
		[[text("app"), key("ctrl-r")], "search: app> one apple"],
		[[text("APP"), key("ctrl-r"), key("ctrl-r")], "not found: APP> one apple"],
		[[text("plum")], "search: plum> two pears\n┊ and a plum"],
		[[text("zz"), key("backspace"), key("backspace"), text("thr")], "search: thr> three"],
		[[text("\u202e")], "not found: > "],
	])("shows what it finds: %j", (keys, shown) => {
		expect(after(...keys)).toMatchObject({ shown, line: "draf|t" });
	});

	test.each([key("escape"), key("ctrl-g"), key("ctrl-c")])("goes back to the draft: %j", (back) => {
		const { actions, line, shown } = after(text("app"), back);
		expect([actions.at(-1), line, shown]).toEqual([null, "draf|t", "to all> draft"]);
	});

	test.each<[keys: Key[], line: string]>([
		[[key("enter")], "/tell bob apples|"],
		[[key("home")], "|/tell bob apples"],
		[[key("ctrl-a"), text("x")], "x|/tell bob apples"],
		[[key("end"), key("ctrl-_")], "draf|t"],
	])("takes what it found, and sends nothing: %j", (keys, line) => {
		const { actions, ...rest } = after(text("app"), ...keys);
		expect([actions.filter((action) => action !== null), rest.line]).toEqual([[], line]);
	});

	test.each<KeyName>(["alt-g", "alt-x", "page-up", "page-down", "ctrl-x", "ctrl-l"])(
		"goes on after a key that edits nothing: %s",
		(name) => {
			const { line, shown } = after(text("app"), key(name));
			expect([line, shown]).toEqual(["draf|t", "search: app> /tell bob apples"]);
		},
	);

	test.each<[name: KeyName, line: string]>([
		["tab", "/tell bob bob |apples"],
		["alt-enter", "/tell bob \n|apples"],
		["ctrl-k", "/tell bob |"],
		["alt-b", "/tell |bob apples"],
	])("takes what it found at a key that edits it, too: %s", (name, line) => {
		const { prompt, editor } = after(text("app"), key("word-left"), key("ctrl-r"), text("app"));
		prompt.press(key("word-left"));
		prompt.press(key(name));
		const seen = `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`;
		expect(seen).toBe(line);
	});

	test("takes nothing if nothing was found, and shows whom a line is for before it is sent", () => {
		expect(after(text("zz"), key("enter")).line).toBe("draf|t");
		const { prompt, shown } = after(text("app"), key("enter"));
		expect(shown).toContain("to bob only");
		expect(prompt.press(key("enter"))).toEqual(submit("/tell bob apples"));
	});
});
