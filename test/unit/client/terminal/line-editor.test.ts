import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { KeyName } from "../../../../lib/client/terminal/key-decoder.ts";
import { Editor } from "../../../../lib/client/terminal/line-editor.ts";
import { EditorModel } from "./line-editor-model.ts";

const numRuns = Number(process.env.FERNET_CHAT_RUNS ?? 200);

/** An editor with the text of `picture` and its cursor where the `|` is. */
function editorOf(picture: string): Editor {
	const editor = new Editor();
	editor.set(picture.replace("|", ""), picture.indexOf("|"));
	return editor;
}

const pictureOf = ({ text, cursor }: Editor): string =>
	`${text.slice(0, cursor)}|${text.slice(cursor)}`;

const FAMILY = "👨‍👩‍👧‍👦";
const TABLE: [string, KeyName[], string][] = [
	["ab|c", ["left", "ctrl-b"], "a|bc"],
	["|ab", ["left", "home", "word-left", "backspace", "ctrl-w", "ctrl-u", "ctrl-t"], "|ab"],
	["ab|", ["right", "end", "word-right", "delete", "alt-d", "ctrl-k", "up", "down"], "ab|"],
	["a|bc", ["right", "ctrl-f"], "ab|c"],
	[`a${FAMILY}|b`, ["left"], `a|${FAMILY}b`],
	["|🇩🇪🇫🇷", ["right"], "🇩🇪|🇫🇷"],
	["cafe\u0301|s", ["left"], "caf|e\u0301s"],
	["a\n|b", ["left"], "a|\nb"],
	["one two|", ["home", "ctrl-a"], "|one two"],
	["|one two", ["end", "ctrl-e"], "one two|"],
	["one\ntw|o\nthree", ["home", "ctrl-a"], "one\n|two\nthree"],
	["one\nt|wo\nthree", ["end", "ctrl-e"], "one\ntwo|\nthree"],
	["\n|", ["home"], "\n|"],
	["|\n", ["home", "end"], "|\n"],
	["one, two |", ["word-left", "alt-b"], "one, |two "],
	["one, t|wo", ["word-left", "alt-b"], "one, |two"],
	["one|, two", ["word-right", "alt-f"], "one, two|"],
	["o|ne, two", ["word-right", "alt-f"], "one|, two"],
	["|don't go", ["word-right"], "don't| go"],
	["日本語の文章|", ["word-left"], "日本語の|文章"],
	["one\ntwo |", ["word-left"], "one\n|two "],
	["!!|", ["word-left"], "|!!"],
	// A vowel that is drawn with the mark before it begins the word, but no character.
	["!\u0e33|", ["word-left"], "|!\u0e33"],
	["ab|c", ["backspace"], "a|c"],
	[`a${FAMILY}|b`, ["backspace"], "a|b"],
	["a\n|b", ["backspace"], "a|b"],
	["a|bc", ["delete"], "a|c"],
	["a|e\u0301c", ["delete"], "a|c"],
	["see a.b/c? |now", ["ctrl-w"], "see |now"],
	["see a.b/c|", ["alt-backspace"], "see a.b/|"],
	["say |hello, you", ["alt-d"], "say |, you"],
	["one\ntwo| three", ["ctrl-u"], "one\n| three"],
	["one\n|two", ["ctrl-u"], "one|two"],
	["one| two\nthree", ["ctrl-k"], "one|\nthree"],
	["one|\ntwo", ["ctrl-k"], "one|two"],
	["a|b", ["ctrl-t"], "ba|"],
	["abc|", ["ctrl-t"], "acb|"],
	["a\u0301|👍🏽c", ["ctrl-t"], "👍🏽a\u0301|c"],
	["a\nbc|\nd", ["ctrl-t"], "a\ncb|\nd"],
	["ab\n|c", ["ctrl-t"], "ab\n|c"],
	["a|", ["ctrl-t"], "a|"],
	["one\ntw|o", ["up"], "on|e\ntwo"],
	["日本語\nab|c", ["up"], "日本|語\nabc"],
	["a\nbcd|", ["up"], "a|\nbcd"],
	["a\n\nbc|", ["up"], "a\n|\nbc"],
	["on|e\ntwo", ["down"], "one\ntw|o"],
	[`${FAMILY}${FAMILY}|\nabc`, ["down"], `${FAMILY}${FAMILY}\nab|c`],
	["thr|ee\na", ["down"], "three\na|"],
];

for (const [picture, names, expected] of TABLE) {
	test.each(names)(`%s in ${JSON.stringify(picture)}`, (name) => {
		const editor = editorOf(picture);
		expect(editor.press(name)).toBe(true);
		expect(pictureOf(editor)).toBe(expected);
	});
}

test.each<KeyName>([
	...(["enter", "alt-enter", "tab", "shift-tab", "escape", "page-up", "page-down"] as const),
	...(["ctrl-c", "ctrl-d", "ctrl-l", "ctrl-z", "alt-x"] as const),
])("%s means nothing to the line", (name) => {
	const editor = editorOf("a|b");
	expect(editor.press(name)).toBe(false);
	expect(pictureOf(editor)).toBe("a|b");
});

test("what is typed goes to the cursor, which never stands within a character", () => {
	const editor = editorOf("a|c");
	editor.insert("b\n");
	expect(pictureOf(editor)).toBe("ab\n|c");
	editor.set("\u0301", 0);
	editor.insert("e");
	expect(pictureOf(editor)).toBe("e\u0301|");
	editor.set(`x${FAMILY}y`, 4);
	expect(pictureOf(editor)).toBe(`x${FAMILY}|y`);
	editor.set("ab", 99);
	expect(pictureOf(editor)).toBe("ab|");
});

describe("Ctrl-Y", () => {
	const pressed = (picture: string, ...names: KeyName[]): string => {
		const editor = editorOf(picture);
		for (const name of names) editor.press(name);
		return pictureOf(editor);
	};

	test("brings back what was last killed, as often as wanted", () => {
		expect(pressed("one| two", "ctrl-k", "ctrl-a", "ctrl-y", "ctrl-y")).toBe(" two two|one");
	});

	test("brings back kills without a key between them as one, in their order", () => {
		expect(pressed("a b c| d", "ctrl-w", "ctrl-w", "ctrl-k", "ctrl-y")).toBe("a b c d|");
	});

	test("forgets the kill before, once another key came between", () => {
		expect(pressed("a b c|", "ctrl-w", "left", "ctrl-w", "ctrl-y")).toBe("a b| ");
	});

	test("forgets it as well, once the text was another", () => {
		const editor = editorOf("a b|");
		editor.press("ctrl-w");
		editor.set("c");
		for (const name of ["ctrl-w", "ctrl-y"] as const) editor.press(name);
		expect(pictureOf(editor)).toBe("c|");
	});

	test("does not bring back what was only deleted, nor lose a kill to one of nothing", () => {
		expect(pressed("a b|", "ctrl-w", "backspace", "ctrl-k", "ctrl-y")).toBe("ab|");
	});
});

describe("history", () => {
	const enter = (editor: Editor, ...texts: string[]): void => {
		for (const text of texts) {
			editor.insert(text);
			expect(editor.take()).toBe(text);
		}
	};
	const after = (editor: Editor, ...names: KeyName[]): string => {
		for (const name of names) editor.press(name);
		return pictureOf(editor);
	};

	test.each<[KeyName, KeyName]>([
		["up", "down"],
		["ctrl-p", "ctrl-n"],
	])("%s and %s go through it, and the unfinished line comes back as it was", (up, down) => {
		const editor = new Editor();
		enter(editor, "one", "two");
		expect(pictureOf(editor)).toBe("|");
		editor.set("unfinished", 2);
		expect(after(editor, up)).toBe("two|");
		expect(after(editor, up)).toBe("one|");
		expect(after(editor, up)).toBe("one|");
		expect(after(editor, down, down)).toBe("un|finished");
		expect(after(editor, down)).toBe("un|finished");
	});

	test("keeps neither empty texts nor the last one again", () => {
		const editor = new Editor();
		enter(editor, "one", "two", "two", "", " \n", "one");
		expect(after(editor, "up", "up", "up")).toBe("one|");
		expect(after(editor, "down", "down")).toBe("one|");
	});

	test("a recalled text is changed for this time only, and the change is not lost on the way", () => {
		const editor = new Editor();
		enter(editor, "one", "two");
		after(editor, "up");
		editor.insert("!");
		expect(after(editor, "up", "down")).toBe("two!|");
		expect(editor.take()).toBe("two!");
		expect(after(editor, "up", "up")).toBe("two|");
	});

	test("up and down go through the lines of a text first, Ctrl-P does not", () => {
		const editor = new Editor();
		enter(editor, "old", "a\nb");
		expect(after(editor, "up")).toBe("a\nb|");
		expect(after(editor, "up")).toBe("a|\nb");
		expect(after(editor, "up")).toBe("old|");
		expect(after(editor, "ctrl-n", "down", "ctrl-p")).toBe("old|");
	});

	test("a line that was cleared is a new one", () => {
		const editor = new Editor();
		enter(editor, "one", "two");
		after(editor, "up", "up");
		editor.set("");
		expect(after(editor, "up")).toBe("two|");
	});

	test("has an end", () => {
		const editor = new Editor();
		for (let i = 0; i < 2000; i++) enter(editor, `text ${i}`);
		const names = Array.from({ length: 2000 }, (): KeyName => "up");
		expect(after(editor, ...names)).toBe("text 1500|");
	});
});

const PIECES = "a word don't x_y . !? 日本語の ไทยสวัสดี".split(" ").concat(" ", "  ", "\n", "\t");
/** What makes one character with its neighbours, or does not, as the case may be. */
const JOINING = `e\u0301 \u0301 \u0e33 👍 🏽 ${FAMILY} \u200d 👧 🇩🇪 🇫 ᄒ ᅡᆫ क् ष \u0600`.split(" ");
const anyText = fc
	.array(fc.oneof(fc.constantFrom(...PIECES), fc.constantFrom(...JOINING)), { maxLength: 5 })
	.map((parts) => parts.join(""));
const anyName = fc.constantFrom(
	...new Set(TABLE.flatMap(([, names]) => names)),
	...(["ctrl-y", "ctrl-p", "ctrl-n"] as const),
);
const anyStep = fc.oneof(
	{ weight: 6, arbitrary: anyName.map((name) => ({ type: "press" as const, name })) },
	{ weight: 4, arbitrary: anyText.map((text) => ({ type: "insert" as const, text })) },
	{
		weight: 1,
		arbitrary: fc.record({ type: fc.constant("set" as const), text: anyText, cursor: fc.nat(20) }),
	},
	{ weight: 1, arbitrary: fc.constant({ type: "take" as const }) },
);

test("any keys and texts give the same text and cursor as the model", () => {
	fc.assert(
		fc.property(fc.array(anyStep, { size: "medium" }), (steps) => {
			const [editor, model] = [new Editor(), new EditorModel()];
			for (const step of steps) {
				for (const one of [editor, model]) {
					if (step.type === "press") one.press(step.name);
					else if (step.type === "insert") one.insert(step.text);
					else if (step.type === "set") one.set(step.text, step.cursor);
					else one.take();
				}
				expect({ text: editor.text, cursor: editor.cursor }).toEqual(model.line);
			}
		}),
		{ numRuns },
	);
});

test("no text grows beyond the limit, nor is a character cut in two by it", () => {
	const editor = new Editor(10);
	editor.insert("12345678");
	editor.insert(`9${FAMILY}`);
	expect(pictureOf(editor)).toBe("123456789|");
	editor.set("x".repeat(11));
	expect(pictureOf(editor)).toBe(`${"x".repeat(10)}|`);
	editor.press("ctrl-u");
	editor.press("ctrl-y");
	editor.press("ctrl-y");
	expect(editor.text).toBe("x".repeat(10));
});

test.each(["hello world ", "日本語の文章を書く。", FAMILY, "e\u0301", "!"])(
	"a key in 8 KiB of %j takes well under a frame",
	(piece) => {
		const full = piece.repeat(8192 / Buffer.byteLength(piece));
		const editor = new Editor();
		const names: KeyName[] = [
			"left",
			"right",
			"word-left",
			"word-right",
			"backspace",
			"ctrl-t",
			"ctrl-w",
		];
		for (const name of names) {
			const times = Array.from({ length: 15 }, () => {
				editor.set(full, full.length / 2);
				const start = performance.now();
				editor.insert("x");
				editor.press(name);
				return performance.now() - start;
			});
			// In milliseconds; the best of many, because the machine may be busy.
			expect(Math.min(...times)).toBeLessThan(1);
		}
	},
);
