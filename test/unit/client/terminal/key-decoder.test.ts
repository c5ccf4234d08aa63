import { describe, expect, test } from "bun:test";
import { type Key, KeyDecoder, type KeyName } from "../../../../lib/client/terminal/key-decoder.ts";
import { expectKeys, key, keysOf, text } from "./decoded-keys.ts";

const ESC = "\x1b";

const TERMINALS: Record<string, [string, KeyName][]> = {
	"every terminal": [
		["\r", "enter"],
		["\n", "enter"],
		["\t", "tab"],
		["\x7f", "backspace"],
		["\b", "backspace"],
		["\x01", "ctrl-a"],
		["\x03", "ctrl-c"],
		["\x04", "ctrl-d"],
		["\x0b", "ctrl-k"],
		["\x1a", "ctrl-z"],
		["\x1b\r", "alt-enter"],
		["\x1b\n", "alt-enter"],
		["\x1b\x7f", "alt-backspace"],
		["\x1b\b", "alt-backspace"],
		["\x1bb", "alt-b"],
		["\x1bd", "alt-d"],
		["\x1bz", "alt-z"],
		["\x1b", "escape"],
	],
	"xterm, Windows Terminal": [
		["\x1b[A", "up"],
		["\x1b[B", "down"],
		["\x1b[C", "right"],
		["\x1b[D", "left"],
		["\x1b[H", "home"],
		["\x1b[F", "end"],
		["\x1b[Z", "shift-tab"],
		["\x1b[3~", "delete"],
		["\x1b[5~", "page-up"],
		["\x1b[6~", "page-down"],
		["\x1b[1;5C", "word-right"],
		["\x1b[1;5D", "word-left"],
		["\x1b[1;3D", "word-left"],
		["\x1b[1;9C", "word-right"],
		["\x1b[1;6C", "word-right"],
		["\x1b[1;2C", "right"],
		["\x1b[1;5A", "up"],
		["\x1b[1;2H", "home"],
		["\x1b[3;5~", "alt-d"],
		["\x1b[3;2~", "delete"],
		["\x1b[5C", "word-right"],
		["\x1b[27;2;13~", "alt-enter"],
		["\x1b[13;2u", "alt-enter"],
	],
	"application cursor keys and VT220": [
		["\x1bOA", "up"],
		["\x1bOB", "down"],
		["\x1bOC", "right"],
		["\x1bOD", "left"],
		["\x1bOH", "home"],
		["\x1bOF", "end"],
		["\x1bOM", "enter"],
		["\x1bO5C", "word-right"],
		["\x1bO1;5D", "word-left"],
		["\x9bA", "up"],
		["\x9b3~", "delete"],
		["\x8fD", "left"],
	],
	rxvt: [
		["\x1b[7~", "home"],
		["\x1b[8~", "end"],
		["\x1b[7$", "home"],
		["\x1b[3$", "delete"],
		["\x1b[3^", "alt-d"],
		["\x1b[3@", "alt-d"],
		["\x1b[8^", "end"],
		["\x1bOc", "word-right"],
		["\x1bOd", "word-left"],
		["\x1b[c", "right"],
		["\x1b\x1b[D", "word-left"],
		["\x1b\x1bOC", "word-right"],
	],
	"Linux console": [
		["\x1b[1~", "home"],
		["\x1b[4~", "end"],
	],
	"macOS Terminal": [
		["\x1bf", "alt-f"],
		["\x1b\x1b[C", "word-right"],
		["\x1b\x1b[3~", "alt-d"],
	],
};

for (const [terminal, rows] of Object.entries(TERMINALS)) {
	test.each(rows)(`${terminal}: %j is %s`, (sequence, name) => {
		expectKeys(sequence, [key(name)]);
		// Only a lone ESC would change with what follows it.
		if (sequence !== ESC) expectKeys(`a${sequence}é`, [text("a"), key(name), text("é")]);
	});
}

test.each([
	["F1 of the Linux console", "\x1b[[A"],
	["F1", "\x1bOP"],
	["F5", "\x1b[15~"],
	["Insert", "\x1b[2~"],
	["an unknown Alt", "\x1b%"],
	["Alt with an emoji", "\x1b😀"],
	["kitty's key release", "\x1b[1;5:3C"],
	["Windows' own key records", "\x1b[65;30;97;1;0;1_"],
	["an old mouse", "\x1b[M !!"],
	["a mouse", "\x1b[<0;12;7M"],
	["rxvt's mouse", "\x1b[32;12;7M"],
	["cursor position", "\x1b[12;40R"],
	["device attributes", "\x1b[?64;1;2c"],
	["a mode's state", "\x1b[?2026;2$y"],
	["a colour, ended by ST", "\x1b]11;rgb:0000/0000/0000\x1b\\"],
	["a colour, ended by BEL", "\x1b]11;rgb:0000/0000/0000\x07"],
	["a colour in C1", "\x9d11;rgb:0000/0000/0000\x9c"],
	["a terminal's version", "\x1bP>|XTerm(390)\x1b\\"],
	["the end of no paste", "\x1b[201~"],
	["Ctrl-Space", "\0"],
	["Ctrl-_", "\x1f"],
	["a sequence longer than any", `\x1b[${"1;".repeat(50)}5C`],
	["next line", "\x85"],
])("%s vanishes whole", (_, sequence) => {
	expectKeys(`a${sequence}b`, [text("ab")]);
});

describe("what breaks a sequence off", () => {
	test.each<[string, Key[]]>([
		["\x1b[1;\x03", [key("ctrl-c")]],
		["\x1b]0;title\r", [key("enter")]],
		["\x1b[\x1b[A", [key("up")]],
		["\x1bO\x1bb", [key("alt-b")]],
		["\x1b[Mab\x1b[B", [key("down")]],
		["\x1b[1é", [text("é")]],
		["\x1b\x03", [key("escape"), key("ctrl-c")]],
		["\x1b\x1bb", [key("escape"), key("alt-b")]],
		["\x1b\x1b\x1b[D", [key("escape"), key("word-left")]],
		["\x1b\x1b\x1b", [key("escape"), key("escape"), key("escape")]],
		["\x1b[", []],
		["\ud83d", []],
	])("%j", (input, keys) => expectKeys(input, keys));
});

test("reports of the focus are no keys, but in what is pasted they are text", () => {
	const [gained, lost] = [true, false].map((isFocused) => ({ type: "focus" as const, isFocused }));
	if (!gained || !lost) throw new Error("no reports");
	expectKeys("a\x1b[Ib\x1b[O\x1b[Ic\x1b[D", [
		text("a"),
		gained,
		text("b"),
		lost,
		gained,
		text("c"),
		key("left"),
	]);
	expectKeys("\x9bI\x9bO", [gained, lost]);
	expectKeys("\x1b[200~a\x1b[Ib\x1b[201~", [{ type: "paste", text: "a[Ib" }]);
	// Alike, but others.
	expectKeys("\x1b\x1b[I\x1b[1I\x1b[2;3O\x1bOI", []);
});

test("text comes as typed, with runs joined", () => {
	const typed = "Grüße, 日本 👩‍👩‍👧 🇩🇪 e\u0301 \u200f \ufffd";
	expect(new KeyDecoder().push(typed)).toEqual([text(typed)]);
	expectKeys(typed, [text(typed)]);
});

test("a lone ESC waits for what follows, and is Escape if nothing does", () => {
	const keyboard = new KeyDecoder();
	expect(keyboard.push(ESC)).toEqual([]);
	expect(keyboard.flush()).toEqual([key("escape")]);
	expect(keyboard.push("b")).toEqual([text("b")]);
	keyboard.push(`${ESC}[1`);
	expect(keyboard.flush()).toEqual([]);
	expect(keyboard.push("2D")).toEqual([text("2D")]);
});

test("says how long to wait: not at all, a moment for a sequence, longer for a paste", () => {
	const keyboard = new KeyDecoder();
	keyboard.push("a\x1b[A");
	expect(keyboard.timeout).toBeUndefined();
	keyboard.push(ESC);
	const moment = keyboard.timeout ?? Number.NaN;
	expect(moment).toBeLessThanOrEqual(100);
	keyboard.push("[200~");
	expect(keyboard.timeout).toBeGreaterThan(10 * moment);
	keyboard.push("x\x1b[201~");
	expect(keyboard.timeout).toBeUndefined();
});

test.each(["\x1b[32", "\x1b[27;2;", "\x1b\x1b[1;", "\x1bO1", "\x1b]11;rgb", "\x1b[<0;1"])(
	"%j, which no single key sends, is waited for on a slow connection",
	(partial) => {
		const keyboard = new KeyDecoder();
		keyboard.push(partial);
		expect(keyboard.timeout).toBeGreaterThanOrEqual(500);
	},
);

test.each([ESC, ESC + ESC, "\x1bO", "\x1b[", "\x1b]"])(
	"%j, which one key may send, is not waited for",
	(partial) => {
		const keyboard = new KeyDecoder();
		keyboard.push(partial);
		expect(keyboard.timeout).toBeLessThanOrEqual(100);
	},
);

// If the decoder kept it all and rescanned it at each character, this would take minutes.
test.each(["\x1b[", "\x1bO", "\x1b]"])("what begins with %j does not grow without end", (start) => {
	expect(keysOf([start, ...Array.from({ length: 100 }, () => "1".repeat(4000)), "\x07"])).toEqual(
		start === "\x1b]" ? [] : [key("ctrl-g")],
	);
});
