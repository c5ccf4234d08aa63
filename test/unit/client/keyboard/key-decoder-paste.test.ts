import { describe, expect, test } from "bun:test";
import { PASTE_LIMIT } from "../../../../lib/client/keyboard/bracketed-paste.ts";
import { type Key, KeyDecoder } from "../../../../lib/client/keyboard/key-decoder.ts";
import { expectKeys, key, keysOf, text } from "./decoded-keys.ts";

// A paste is text, whatever it contains.

const paste = (text: string): Key => ({ type: "paste", text });

describe("a paste is literal", () => {
	test.each([
		["plain", "two\nlines", "two\nlines"],
		["CR and CRLF", "a\rb\r\nc\n\rd", "a\nb\nc\n\nd"],
		["a tab", "a\tb", "a\tb"],
		["sequences", "\x1b[A\x1b[31mred\x1bb", "[A[31mredb"],
		["its own start", "\x1b[200~x", "[200~x"],
		["an end in C1", "a\x9b201~\rrm -rf", "a201~\nrm -rf"],
		["an end made of parts", "\x1b[20\x001~\x1b[\x1b201~x", "[201~[201~x"],
		["ESC before the end", "x\x1b", "x"],
		["almost the end before the end", "x\x1b[201", "x[201"],
		["control keys", "\x03\x04\x07\x00\x7f", undefined],
		["C1", "\x80a\x85\x9b\x9f", "a"],
		["emoji", "👨‍👩‍👧 \ud83d", "👨‍👩‍👧 "],
		["nothing", "", undefined],
	])("%s", (_, inside, literal) => {
		const pasted = literal === undefined ? [] : [paste(literal)];
		const input = `a\x1b[200~${inside}\x1b[201~b\r`;
		const around = literal === undefined ? [text("ab")] : [text("a"), ...pasted, text("b")];
		expectKeys(input, [...around, key("enter")]);
	});
});

test("an Escape before a paste takes nothing from it", () => {
	expectKeys("\x1b\x1b[200~x\x1b[201~", [key("escape"), paste("x")]);
});

test("a paste beyond the limit is cut, and says so", () => {
	const most = "x".repeat(PASTE_LIMIT);
	expect(keysOf([`\x1b[200~${most}\x1b[201~`])).toEqual([paste(most)]);
	const chunks = Array.from({ length: 3 * 64 }, () => "y".repeat(PASTE_LIMIT / 64));
	const [pasted, after] = keysOf(["\x1b[200~", ...chunks, "\x1b[201~z"]);
	expect(pasted).toEqual({ type: "paste", text: "y".repeat(PASTE_LIMIT), cut: true });
	expect(after).toEqual(text("z"));
});

test("a paste that never ends is given as it is, and the keyboard is free again", () => {
	const keyboard = new KeyDecoder();
	expect(keyboard.push("\x1b[200~half\x1b[2")).toEqual([]);
	expect(keyboard.flush()).toEqual([paste("half")]);
	expect(keyboard.push("\x03")).toEqual([key("ctrl-c")]);
});
