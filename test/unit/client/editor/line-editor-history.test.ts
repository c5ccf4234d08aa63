import { describe, expect, test } from "bun:test";
import { Editor } from "../../../../lib/client/editor/line-editor.ts";
import type { KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { pictureOf } from "./editor-pictures.ts";

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
