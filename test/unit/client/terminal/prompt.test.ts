import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { destination } from "../../../../lib/client/commands/destination.ts";
import { parseLine } from "../../../../lib/client/commands/parse-line.ts";
import { Editor } from "../../../../lib/client/editor/line-editor.ts";
import type { Key, KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { widthOf } from "../../../../lib/client/terminal/layout.ts";
import { type InputAction, Prompt } from "../../../../lib/client/terminal/prompt.ts";
import { Style } from "../../../../lib/client/terminal/style.ts";

const numRuns = Number(process.env.TEST_RUNS ?? 50);

const LONGEST = "a-name-of-24-characters.";

/** Milliseconds between two keys of somebody who reads, and of a paste over a slow connection. */
const READ = 2000;
const PASTED = 900;

/** A prompt as in the room, with names to complete; one of the members has written to us. */
function open(between = READ): { prompt: Prompt; editor: Editor } {
	let now = 0;
	return openAt(() => {
		now += between;
		return now;
	});
}

function openAt(now: () => number): { prompt: Prompt; editor: Editor } {
	const editor = new Editor();
	const prompt = new Prompt({
		editor,
		style: new Style(true),
		destination: (text) => destination(text, LONGEST),
		messageOf: (line) => parseLine(line).text,
		completions: (before) => {
			const word = before.replace(/.*\s/s, "");
			const words = ["bob ", "bill ", `@${LONGEST} `].filter((name) => name.startsWith(word));
			return { start: before.length - word.length, words, isOffered: /^[@/]/.test(word) };
		},
		isSecret: (line) => line === "secret",
		now,
	});
	return { prompt, editor };
}

const key = (name: KeyName): Key => ({ type: "key", name });
const text = (text: string): Key => ({ type: "text", text });
const paste = (text: string): Key => ({ type: "paste", text });

/** Presses all of these keys; returns the actions and the line that is left. */
const press = (...keys: Key[]) => pressEvery(READ, ...keys);
function pressEvery(between: number, ...keys: Key[]): { actions: InputAction[]; line: string } {
	const { prompt, editor } = open(between);
	const actions = keys.map((each) => prompt.press(each)).filter((action) => action !== null);
	return {
		actions,
		line: `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`,
	};
}

const LARGE = "line\n".repeat(30);
const submit = (text: string): InputAction => ({ type: "submit", text });

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

describe("a question that a command asks", () => {
	/** A prompt, its time, and what was answered. */
	function asking(text = "Close the room?") {
		const answers: string[] = [];
		const clock = { now: 10_000 };
		const { editor, prompt } = openAt(() => clock.now);
		prompt.ask({ text, yes: () => answers.push("yes"), no: () => answers.push("no") });
		return { answers, clock, editor, prompt, shown: () => prompt.view(80, 24).rows.join("") };
	}

	test("offers its answers once there was the time to read it, and then takes one", () => {
		const { answers, clock, prompt, editor, shown } = asking();
		expect([shown(), prompt.viewChangesIn]).toEqual(["Close the room? ", 500]);
		for (const early of [text("y"), key("enter"), text("yes"), key("tab")]) prompt.press(early);
		clock.now += 499;
		prompt.press(text("Y"));
		expect([answers, prompt.viewChangesIn]).toEqual([[], 500]);
		clock.now += 500;
		expect([shown(), prompt.viewChangesIn]).toEqual(["Close the room? [y/n] ", 0]);
		for (const none of [key("enter"), text("yeah"), paste("y"), text("x")]) prompt.press(none);
		expect([answers, editor.text]).toEqual([[], ""]);
		prompt.press(text("Y"));
		expect([answers, editor.text]).toEqual([["yes"], "y\nyesY"]);
		prompt.press(text("y"));
		expect([answers, editor.text]).toEqual([["yes"], "y\nyesYy"]);
	});

	/** Answers once the question can be read, with 100 ms from key to key. */
	function answer(...keys: Key[]) {
		const { answers, clock, prompt, editor } = asking();
		clock.now += 500;
		const actions = keys.map((each) => {
			clock.now += 100;
			return prompt.press(each);
		});
		return { answers, line: editor.text, actions: actions.filter((action) => action !== null) };
	}

	const letters = (word: string): Key[] => Array.from(word, text);
	test.each<[what: string, keys: Key[], answers: string[]]>([
		["no", letters("no"), ["no"]],
		["NO", letters("NO"), ["no"]],
		["yes", letters("yes"), ["yes"]],
		["n", letters("n"), ["no"]],
		["y", letters("y"), ["yes"]],
		["no at once", [text("no")], ["no"]],
		["yes at once", [text("Yes")], ["yes"]],
		["ye and s", [text("ye"), text("s")], ["yes"]],
	])("the whole word and Enter answer, and say nothing: %s", (_, keys, answers) => {
		expect(answer(...keys, key("enter"))).toEqual({ answers, line: "", actions: [] });
		const said: unknown = answer(...keys, key("enter"), text("o"), key("enter"));
		expect(said).toEqual({ answers, line: "", actions: [submit("o")] });
	});

	test.each<[keys: Key[], line: string]>([
		[[...letters("yeast")], "east"],
		[[...letters("now")], "ow"],
		[[text("n"), text("ok")], "ok"],
		[[text("y"), text("x")], "x"],
		[[text("n"), paste("o")], "o"],
		[[text("n"), key("left"), text("o")], "o"],
		[[key("escape"), text("o")], "o"],
	])("what else follows is on the line: %j", (keys, line) => {
		expect(answer(...keys)).toMatchObject({ line, actions: [] });
	});

	test("Enter sends a paste right after the y to it, but nothing that was typed ahead", () => {
		const clock = { now: 10_000 };
		const { prompt } = openAt(() => clock.now);
		const answered = (...before: Key[]): InputAction[] => {
			for (const each of before) prompt.press(each);
			clock.now += 500;
			prompt.press(text("y"));
			return [prompt.press(key("enter")), prompt.press(key("enter"))];
		};
		expect(answered(paste(LARGE))[0]).toEqual(submit(LARGE.trimEnd()));
		const later: unknown = answered(paste(LARGE), text("so"));
		expect(later).toEqual([null, submit(`${LARGE}so`)]);
	});

	test("is taken back as a no, but none in the place of another, nor one that was answered", () => {
		const { answers, clock, prompt, editor } = asking();
		const other = { text: "Other?", yes: () => {}, no: () => answers.push("other") };
		prompt.press(text("typed ahead"));
		prompt.withdraw(other);
		expect([answers, editor.text]).toEqual([[], ""]);
		prompt.withdraw();
		expect([answers, editor.text]).toEqual([["no"], "typed ahead"]);
		prompt.ask(other);
		clock.now += 500;
		prompt.press(text("y"));
		prompt.withdraw(other);
		prompt.withdraw();
		expect(answers).toEqual(["no"]);
	});

	test("a word is no part of the answer after some time", () => {
		const { clock, prompt } = asking();
		clock.now += 500;
		prompt.press(text("n"));
		clock.now += 2000;
		prompt.press(text("o"));
		expect(prompt.press(key("enter"))).toEqual(submit("o"));
	});

	test.each<[keys: Key[], line: string]>([
		[
			[key("enter"), ...letters("hello"), key("enter"), ...letters("world"), key("enter")],
			"hello\nworld\n",
		],
		[[paste("one\ntwo"), text("!")], "one\ntwo!"],
		[[...letters("helloo"), key("backspace"), text(",")], "hello,"],
		[[key("backspace"), key("left"), key("tab"), text("日本")], "日本"],
	])("what is typed ahead is on the line after either answer: %j", (keys, line) => {
		for (const last of [text("y"), text("n"), key("escape")]) {
			const { answers, clock, prompt, editor } = asking();
			for (const each of keys) prompt.press(each);
			clock.now += 500;
			prompt.press(last);
			expect([answers.length, editor.text]).toEqual([1, line]);
		}
	});

	test.each([text("n"), text("N"), key("escape"), key("ctrl-c"), key("ctrl-g")])("no: %j", (no) => {
		const { answers, clock, prompt } = asking();
		clock.now += 500;
		expect([prompt.press(no), answers]).toEqual([null, ["no"]]);
	});

	test.each([
		[
			30,
			"Ban bob (b***@gmail.com)? The account is removed.",
			["Ban bob (b***@gmail.com)? The", "┊ account is removed. [y/n] "],
		],
		[
			20,
			"Ban somebody@gmail.com? The account is removed.",
			["Ban ", "┊ somebody@gmail.co", "┊ m? The account is", "┊ removed. [y/n] "],
		],
		[14, "Remove 日本 日本?", ["Remove 日本", "┊ 日本? [y/n]"]],
		[
			12,
			`Ban ${"a".repeat(20)}? Yes.`,
			["Ban ", "┊ aaaaaaaaa", "┊ aaaaaaaaa", "┊ aa? Yes.", "┊ [y/n] "],
		],
	])("is broken between its words, and shown whole, at %d columns", (columns, question, rows) => {
		const { prompt, clock } = asking(question);
		clock.now += 500;
		const seen = prompt.view(columns, 24);
		expect(seen.rows.map((row) => row.trimEnd())).toEqual(rows.map((row) => row.trimEnd()));
		expect([seen.cursorRow, seen.beforeCursor]).toEqual([rows.length - 1, rows.at(-1) ?? ""]);
	});
});

describe("a line that was not sent", () => {
	test("comes back, and Enter sends it only after another key", () => {
		const { prompt, editor } = open();
		prompt.giveBack("/tell bbo x");
		expect(editor.text).toBe("/tell bbo x");
		expect(prompt.press(key("enter"))).toMatchObject({
			type: "note",
			text: expect.stringMatching(/^Not sent: /),
		});
		prompt.press(key("backspace"));
		expect(prompt.press(key("enter"))).toEqual(submit("/tell bbo"));
	});

	test.each<[ahead: Key[], below: string]>([
		[[text("h")], "h"],
		[[text("hello"), key("enter"), text("you")], "hello\nyou"],
		[[paste("one\ntwo")], "one\ntwo"],
	])("comes back above what was typed ahead of the question about it: %j", (ahead, below) => {
		const clock = { now: 10_000 };
		const { prompt, editor } = openAt(() => clock.now);
		prompt.ask({ text: "Send it?", yes: () => {}, no: () => prompt.giveBack("/tell bob x") });
		for (const each of ahead) prompt.press(each);
		clock.now += 500;
		expect(prompt.press(text("n"))).toMatchObject({ text: expect.stringContaining("kept below") });
		expect(editor.text).toBe(`/tell bob x\n${below}`);
		clock.now += 5000;
		expect(prompt.press(key("enter"))?.type).not.toBe("submit");
	});

	test("comes back after a whole no, which is no part of it and does not send it", () => {
		const clock = { now: 10_000 };
		const { prompt, editor } = openAt(() => clock.now);
		prompt.ask({ text: "Send it?", yes: () => {}, no: () => prompt.giveBack("/tell bob x") });
		clock.now += 500;
		for (const each of [text("n"), text("o"), key("enter")]) {
			expect(prompt.press(each)).toBeNull();
		}
		expect(editor.text).toBe("/tell bob x");
	});

	test("does not come back over another", () => {
		const { prompt, editor } = open();
		prompt.press(text("begun"));
		prompt.giveBack("/tell bbo x");
		expect(editor.text).toBe("begun");
		prompt.press(text("!"));
		expect(prompt.press(key("enter"))).toEqual(submit("begun!"));
	});

	test("is not completed by what is pasted right after it", () => {
		const { prompt, editor } = open(PASTED);
		prompt.press(key("enter"));
		prompt.giveBack("/tell bbo x");
		for (const each of [text("/tell bob y"), key("enter"), text("z"), key("enter")]) {
			expect(prompt.press(each)?.type).not.toBe("submit");
		}
		expect(editor.text).toBe("/tell bbo x\n/tell bob y\nz");
	});
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
