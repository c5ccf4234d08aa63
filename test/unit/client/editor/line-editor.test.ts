import { describe, expect, test } from "bun:test";
import { Editor } from "../../../../lib/client/editor/line-editor.ts";
import type { KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { FAMILY, pictureOf, TABLE } from "./editor-pictures.ts";

/** An editor with the text of `picture` and its cursor where the `|` is. */
function editorOf(picture: string): Editor {
	const editor = new Editor();
	editor.set(picture.replace("|", ""), picture.indexOf("|"));
	return editor;
}

for (const [picture, names, expected] of TABLE) {
	test.each(names)(`%s in ${JSON.stringify(picture)}`, (name) => {
		const editor = editorOf(picture);
		expect([Editor.knows(name), editor.press(name)]).toEqual([true, true]);
		expect(pictureOf(editor)).toBe(expected);
	});
}

test.each<KeyName>([
	...(["enter", "alt-enter", "tab", "shift-tab", "escape", "page-up", "page-down"] as const),
	...(["ctrl-c", "ctrl-d", "ctrl-l", "ctrl-z", "alt-x"] as const),
])("%s means nothing to the line", (name) => {
	const editor = editorOf("a|b");
	expect([Editor.knows(name), editor.press(name)]).toEqual([false, false]);
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

/** How many characters or words `act` goes through one by one. */
function walked(act: () => void): number {
	const segments = Object.getPrototypeOf(new Intl.Segmenter().segment(""));
	const walk = segments[Symbol.iterator];
	let count = 0;
	segments[Symbol.iterator] = function* (this: Intl.Segments) {
		for (const segment of { [Symbol.iterator]: () => walk.call(this) }) {
			count++;
			yield segment;
		}
	};
	try {
		act();
	} finally {
		segments[Symbol.iterator] = walk;
	}
	return count;
}

test.each<KeyName>([
	...(["left", "right", "word-left", "word-right", "backspace", "ctrl-t", "ctrl-w"] as const),
])("%s in a long line looks at what is around the cursor, and not through the line", (name) => {
	for (const piece of ["hello world ", "日本語の文章を書く。", FAMILY, "e\u0301", "!"]) {
		const full = piece.repeat(8192 / Buffer.byteLength(piece));
		const editor = new Editor();
		editor.set(full, full.length / 2);
		const seen = walked(() => {
			editor.insert("x");
			editor.press(name);
		});
		expect([piece, seen]).toEqual([piece, 0]);
	}
});
