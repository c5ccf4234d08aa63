import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Key, KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { widthOf } from "../../../../lib/client/terminal/layout.ts";
import type { InputAction } from "../../../../lib/client/terminal/prompt.ts";
import {
	key,
	LARGE,
	LONGEST,
	numRuns,
	open,
	openAt,
	PASTED,
	paste,
	press,
	pressEvery,
	submit,
	text,
} from "./prompt-harness.ts";

describe("keys and what they ask for", () => {
	const table: [what: string, keys: Key[], actions: unknown[], line: string][] = [
		["Enter", [text("hello"), key("enter")], [submit("hello")], "|"],
		["blanks at the end", [text("hello  "), key("enter")], [submit("hello")], "|"],
		["Enter on nothing", [key("enter"), text(" "), key("enter")], [], " |"],
		["Alt-Enter", [text("a"), key("alt-enter"), text("b"), key("enter")], [submit("a\nb")], "|"],
		["a backslash", [text("a\\"), key("enter"), text("b"), key("enter")], [submit("a\nb")], "|"],
		["one within", [text("a\\b"), key("left"), key("enter")], [submit("a\\b")], "|"],
		["Ctrl-C on a line", [text("a"), key("ctrl-c")], [{ type: "note" }], "|"],
		["Ctrl-C on none", [key("ctrl-c")], [{ type: "leave" }], "|"],
		["Ctrl-D on a line", [text("ab"), key("home"), key("ctrl-d")], [], "|b"],
		["Ctrl-D on none", [key("ctrl-d")], [{ type: "leave" }], "|"],
		["Ctrl-L", [text("a"), key("ctrl-l")], [{ type: "clear" }], "a|"],
		["Escape", [text("a"), key("escape")], [], "a|"],
		["a paste", [text("a"), paste("b\nc")], [], "ab\nc|"],
		["a large one", [paste(LARGE)], [], "|"],
		["yes", [paste(LARGE), text("y")], [], `${LARGE}|`],
		["no", [paste(LARGE), text("n")], [], "|"],
		["Ctrl-C is no", [text("a"), paste(LARGE), key("ctrl-c")], [], "a|"],
		["Escape is no", [text("a"), paste(LARGE), key("escape")], [], "a|"],
		["else is no answer", [paste(LARGE), text("hello"), key("ctrl-d"), text("y")], [], `${LARGE}|`],
		["a paste in between", [paste(LARGE), paste("x"), text("n")], [], "|"],
		["one that was cut", [{ ...paste("x"), cut: true } as Key], [{ type: "note" }], "x|"],
		["Tab", [text("hi bo"), key("tab")], [], "hi bob |"],
		["Tab, Tab", [text("b"), key("tab"), key("tab")], [], "bill |"],
		["Shift-Tab", [text("b"), key("shift-tab")], [], "bill |"],
		["Tab in mid-line", [text("b!"), key("left"), key("tab")], [], "bob |!"],
		["Tab for nothing", [text("x"), key("tab")], [], "x|"],
	];
	test.each(table)("%s", (_, keys, actions, line) => {
		const pressed = press(...keys);
		expect(pressed.actions).toMatchObject(actions);
		expect(pressed.line).toBe(line);
	});
});

test("a large paste is asked about with its size, and nothing else is seen meanwhile", () => {
	const { prompt } = open();
	prompt.press(paste(LARGE));
	const { rows } = prompt.view(80, 24);
	expect(rows.join("\n")).toMatch(/31 lines.*150 characters.*\[y\/n\]/);
	prompt.press(text("n"));
	expect(prompt.view(80, 24).rows.join("")).not.toContain("[y/n]");
});

test.each([
	["x".repeat(8193), true],
	["€".repeat(2731), true],
	["line\n".repeat(30), false],
])("a paste that makes the line too long to send says so: %#", (pasted, isTooLong) => {
	const { prompt, editor } = open();
	prompt.press(paste(pasted));
	const shown = prompt.view(200, 24).rows.join("");
	expect([editor.text, shown.includes("too long to send")]).toEqual(["", isTooLong]);
	prompt.press(text("n"));
	editor.set("y".repeat(8192));
	prompt.press(paste("z"));
	expect(prompt.view(200, 24).rows.join("")).toContain("too long to send");
});

test.each<[before: string, pasted: string, after: string, isTooLong: boolean]>([
	["/tell eve ", "x".repeat(8192), "", false],
	["/tell eve ", "x".repeat(8193), "", true],
	["/me ", "€".repeat(2730), "", false],
	["", "/tell eve ", "x".repeat(8192), false],
	["/tell eve x", "y".repeat(4000), "z".repeat(4191), false],
	["/tell eve x", "y".repeat(4000), "z".repeat(4192), true],
	["", `${"x".repeat(8192)}\n`, "", false],
	["/tell eve ", `${"x".repeat(8192)}  \n`, "", false],
])("the limit is about the message, not the whole line: %#", (before, pasted, after, isTooLong) => {
	const { prompt, editor } = open();
	editor.set(before + after, before.length);
	prompt.press(paste(pasted));
	expect(prompt.view(200, 24).rows.join("").includes("too long to send")).toBe(isTooLong);
});

test("what is typed right after a large paste is behind it, and answers nothing", () => {
	const clock = { now: 10_000 };
	const { prompt, editor } = openAt(() => clock.now);
	for (const [answer, line] of [
		["y", `${LARGE}nobody, yes`],
		["n", "nobody, yes"],
	] as const) {
		prompt.press(paste(LARGE));
		for (const letter of "nobody, yes") prompt.press(text(letter));
		expect(prompt.viewChangesIn).toBe(500);
		clock.now += 500;
		prompt.press(text(answer));
		expect(editor.text).toBe(line);
		clock.now += 5000;
		prompt.press(key("ctrl-u"));
		editor.set("");
	}
});

test.each(["y", "n"])("the answer %s to a large paste can be undone", (answer) => {
	const { prompt, editor } = open();
	for (const each of [text("ab"), key("left"), paste(LARGE), text(answer)]) prompt.press(each);
	const [before, after] = answer === "y" ? [`a${LARGE}b`, "ab"] : ["ab", `a${LARGE}b`];
	expect(editor.text).toBe(before);
	prompt.press(key("ctrl-_"));
	expect(editor.text).toBe(after);
	prompt.press(text("!"));
	expect(editor.text).toBe(answer === "y" ? "a!b" : `a${LARGE}!b`);
});

test("no history keeps a secret line", () => {
	const { prompt, editor } = open();
	for (const line of ["hello", "secret"]) {
		prompt.press(text(line));
		expect(prompt.press(key("enter"))).toEqual(submit(line));
	}
	prompt.press(key("up"));
	expect(editor.text).toBe("hello");
});

const KEYS: KeyName[] = [
	...(["enter", "alt-enter", "tab", "shift-tab", "escape", "backspace", "delete"] as const),
	...(["left", "right", "up", "down", "home", "end", "word-left", "word-right"] as const),
	...(["ctrl-c", "ctrl-d", "ctrl-k", "ctrl-l", "ctrl-t", "ctrl-u", "ctrl-w", "ctrl-y"] as const),
	...(["ctrl-r", "ctrl-g", "ctrl-_"] as const),
];
const PIECES = [
	"a",
	" ",
	"/tell ",
	"/reply ",
	"@",
	LONGEST,
	"日本語",
	"🦜",
	"👩\u200d🚀",
	"e\u0301",
	"\u202e",
	"b\\",
	"y",
];
const anyKey = fc.oneof(
	fc.constantFrom(...KEYS).map(key),
	fc.constantFrom(...PIECES).map(text),
	fc.constantFrom("one\ntwo", "\t", LARGE, "x".repeat(5000)).map(paste),
);

test("any keys: nothing is thrown, no row is wider than the terminal, the cursor is in one", () => {
	const sizes = fc.integer({ min: 20, max: 120 });
	fc.assert(
		fc.property(fc.array(anyKey, { size: "medium" }), sizes, (keys, columns) => {
			const { prompt } = open();
			for (const each of keys) {
				prompt.press(each);
				const { rows, cursorRow, beforeCursor } = prompt.view(columns, 24);
				for (const row of rows) expect(widthOf(row)).toBeLessThan(columns);
				expect(rows[cursorRow]).toStartWith(beforeCursor);
			}
		}),
		{ numRuns },
	);
});

describe("a line from which something was left out, for it was not UTF-8", () => {
	const invalid: Key = { type: "invalid" };
	const enter = key("enter");
	const left = { type: "note", text: expect.stringContaining("was left out") } as InputAction;
	const refused = { type: "note", text: expect.stringMatching(/^Not sent: /) } as InputAction;
	test.each<[what: string, keys: Key[], actions: InputAction[], line: string]>([
		["is not said", [text("caf"), invalid, enter], [left, refused], "caf|"],
		["is not at its start", [invalid, text("cole"), enter], [left, refused], "cole|"],
		["is not within", [text("na"), invalid, text("ve"), enter], [left, refused], "nave|"],
		["is not from a paste", [invalid, paste("caf"), enter], [left, refused], "caf|"],
		["is not at all", [text("x"), invalid, enter, enter], [left, refused, refused], "x|"],
		["is noted once", [text("x"), ...Array(99).fill(invalid), enter], [left, refused], "x|"],
		[
			"is said after",
			[text("x"), invalid, enter, text("y"), enter],
			[left, refused, submit("xy")],
			"|",
		],
		[
			"is cleared",
			[text("x"), invalid, key("ctrl-c"), text("y"), enter],
			[left, { type: "note", text: expect.any(String) }, submit("y")],
			"|",
		],
	])("%s", (_, keys, actions, line) => {
		expect(press(...keys)).toEqual({ actions, line });
	});

	const held = { type: "note", text: expect.stringContaining("kept below it") } as InputAction;
	const cleared = { type: "note", text: expect.stringContaining("cleared") } as InputAction;
	const pasted = (...lines: Key[][]): Key[] => lines.flatMap((line) => [...line, enter]);
	test.each<[what: string, keys: Key[], actions: InputAction[], line: string]>([
		[
			"keeps the next",
			pasted([text("one")], [text("caf"), invalid], [text("two")]),
			[submit("one"), left, refused, held],
			"caf\ntwo|",
		],
		[
			"keeps them all, of which others are refused",
			pasted([text("caf"), invalid], [text("two")], [invalid, text("cole")], [text("/leave")]),
			[left, refused, held],
			"caf\ntwo\ncole\n/leave|",
		],
		[
			"keeps what comes after empty ones",
			pasted([text("caf"), invalid], [], [], [text("two")], []),
			[left, refused, held],
			"caf\ntwo|",
		],
		[
			"is said with them after a key that no paste presses",
			[...pasted([text("caf"), invalid], [text("two")]), key("end"), text("!"), enter],
			[left, refused, held, submit("caf\ntwo!")],
			"|",
		],
		[
			"is cleared with them",
			[...pasted([text("caf"), invalid], [text("two")]), key("ctrl-c"), text("x"), enter],
			[left, refused, held, cleared, submit("x")],
			"|",
		],
	])("in a paste that comes as if typed, it %s", (_, keys, actions, line) => {
		expect(pressEvery(PASTED, ...keys)).toEqual({ actions, line });
	});
});
