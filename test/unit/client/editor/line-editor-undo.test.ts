import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Editor } from "../../../../lib/client/editor/line-editor.ts";
import type { KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { pictureOf } from "./editor-pictures.ts";

const numRuns = Number(process.env.TEST_RUNS ?? 100);

/** What an undo after each of the keys shows, until nothing changes any more. */
function undone(editor: Editor): string[] {
	const pictures = [pictureOf(editor)];
	for (;;) {
		editor.press("ctrl-_");
		if (pictureOf(editor) === pictures.at(-1)) return pictures;
		pictures.push(pictureOf(editor));
	}
}

type Step = string | { readonly paste: string } | { readonly key: KeyName };

function editorAfter(...steps: Step[]): Editor {
	const editor = new Editor();
	for (const step of steps) {
		if (typeof step === "string") for (const letter of step) editor.type(letter);
		else if ("paste" in step) editor.insert(step.paste);
		else editor.press(step.key);
	}
	return editor;
}

const LEFT = { key: "left" } as const;
const BACKSPACE = { key: "backspace" } as const;

describe("Ctrl-_ takes back", () => {
	test.each<[what: string, steps: Step[], pictures: string[]]>([
		["nothing, if nothing was done", [], ["|"]],
		["a word at a time", ["one two  three"], ["one two  three|", "one two  |", "one |", "|"]],
		["lines as words", ["one\ntwo"], ["one\ntwo|", "one\n|", "|"]],
		["deleted letters together", ["one", BACKSPACE, BACKSPACE], ["o|", "one|", "|"]],
		[
			"what was typed in two places, one after the other",
			["one", LEFT, LEFT, "x", LEFT, "y"],
			["oy|xne", "o|xne", "o|ne", "|"],
		],
		[
			"a paste",
			["one ", { paste: "two three" }, "!"],
			["one two three!|", "one two three|", "one |", "|"],
		],
		[
			"each kill",
			["one two", { key: "ctrl-w" }, { key: "ctrl-u" }],
			["|", "one |", "one two|", "one |", "|"],
		],
		["what came back", ["one", { key: "ctrl-u" }, { key: "ctrl-y" }], ["one|", "|", "one|", "|"]],
		["swapped letters", ["ab", { key: "ctrl-t" }], ["ba|", "ab|", "|"]],
		["no motion", ["ab", LEFT, LEFT], ["|ab", "|"]],
		["no kill of nothing", ["ab", { key: "ctrl-k" }], ["ab|", "|"]],
	])("%s", (_, steps, pictures) => {
		expect(undone(editorAfter(...steps))).toEqual(pictures);
	});

	test("a line that was cleared or completed", () => {
		const editor = editorAfter("hello b");
		editor.set("hello bob ");
		editor.set("");
		expect(undone(editor)).toEqual(["|", "hello bob |", "hello b|", "hello |", "|"]);
	});

	test("nothing of a line that was sent", () => {
		const editor = editorAfter("secret");
		editor.take();
		expect(undone(editor)).toEqual(["|"]);
		editor.type("x");
		expect(undone(editor)).toEqual(["x|", "|"]);
	});

	test("what was done to this line of the history, and later to that", () => {
		const editor = editorAfter("one");
		editor.take();
		editor.type("draft");
		editor.press("up");
		editor.type("!");
		expect(undone(editor)).toEqual(["one!|", "one|"]);
		editor.press("down");
		expect(undone(editor)).toEqual(["draft|", "|"]);
	});

	test("no more than there is room for, however long the text is", () => {
		const editor = new Editor();
		for (let i = 0; i < 3000; i++) editor.insert("x".repeat(20));
		const long = undone(editor).length;
		expect(long).toBeGreaterThan(3);
		expect(long).toBeLessThan(10);
		editor.press("ctrl-u");
		editor.take();
		for (let i = 0; i < 600; i++) editor.insert("x");
		expect(undone(editor)).toHaveLength(501);
	});
});

test("any edits: undo goes back through states that were there, to the empty line", () => {
	const keys: KeyName[] = [
		...(["left", "right", "home", "end", "backspace", "delete", "ctrl-w", "ctrl-u"] as const),
		...(["ctrl-k", "ctrl-y", "ctrl-t", "alt-d", "word-left"] as const),
	];
	const step = fc.oneof(
		fc.constantFrom("a", " ", "b c", "日本", "e\u0301", "\n").map((text) => ({ text })),
		fc.constantFrom("x y", "👩\u200d🚀\n").map((paste) => ({ paste })),
		fc.constantFrom(...keys).map((key) => ({ key })),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const editor = new Editor();
			const seen = [""];
			for (const each of steps) {
				if ("text" in each) editor.type(each.text);
				else if ("paste" in each) editor.insert(each.paste);
				else editor.press(each.key);
				seen.push(editor.text);
			}
			let at = seen.length - 1;
			for (let i = 0; i <= steps.length; i++) {
				editor.press("ctrl-_");
				const before = seen.slice(0, at + 1).lastIndexOf(editor.text);
				expect(before).not.toBe(-1);
				at = before;
			}
			expect(editor.text).toBe("");
		}),
		{ numRuns },
	);
});
