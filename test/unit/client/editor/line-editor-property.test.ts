import { expect, test } from "bun:test";
import fc from "fast-check";
import { Editor } from "../../../../lib/client/editor/line-editor.ts";
import { FAMILY, pictureOf, TABLE } from "./editor-pictures.ts";
import { EditorModel } from "./line-editor-model.ts";

const numRuns = Number(process.env.TEST_RUNS ?? 200);
const PIECES = "a word don't x_y . !? 日本語の ไทยสวัสดี".split(" ").concat(" ", "  ", "\n", "\t");

/** Pieces that may or may not form one character with their neighbours. */
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
