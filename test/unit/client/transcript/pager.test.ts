import { describe, expect, test } from "bun:test";
import { Style } from "../../../../lib/client/terminal/style.ts";
import { wrap } from "../../../../lib/client/terminal/wrap.ts";
import { LineFormatter } from "../../../../lib/client/transcript/line-formatter.ts";
import { Mentions } from "../../../../lib/client/transcript/mentions.ts";
import { Pager } from "../../../../lib/client/transcript/pager.ts";
import { replay } from "../../../e2e/terminal/visit.ts";

// One message shows at most a screenful; the rest follows page by page.

const said = (text: string, isColoured: boolean): string => {
	const formatter = new LineFormatter(new Style(isColoured), new Mentions("ann"));
	return formatter.said({ type: "said", seq: 1, at: 0, from: "bob", id: "1", text });
};

const texts: [what: string, text: string][] = [
	["newlines", "\n".repeat(2000)],
	["lines", Array.from({ length: 1000 }, (_, i) => `${i}`).join("\n")],
	["one line", Array.from({ length: 1600 }, (_, i) => `${i}`).join(" ")],
	[
		"words of half a row",
		"forty characters in one word, or nearly so ".repeat(180).replaceAll(/ (?!forty)/g, "_"),
	],
	["wide characters", "漢".repeat(2700)],
	["emoji", "👩‍👩‍👧‍👦".repeat(300)],
	["long lines", Array.from({ length: 9 }, (_, i) => `${i}`.repeat(900)).join("\n")],
	["control characters", "\x1b".repeat(8192)],
	["combining marks", "e\u0301\u0301\u0301\u0301".repeat(900)],
];
const sizes = [
	{ columns: 80, rows: 24 },
	{ columns: 33, rows: 9 },
	{ columns: 200, rows: 60 },
];

/** The rows that a terminal of this width needs for a text, whether or not we break its lines. */
async function rowsOf(text: string, columns: number): Promise<number> {
	const needs = [text, wrap(text, columns)].map(async (shown) => {
		const emulator = await replay(shown.replaceAll("\n", "\r\n"), columns);
		const { baseY, cursorY } = emulator.buffer.active;
		emulator.dispose();
		return baseY + cursorY + 1;
	});
	return Math.max(...(await Promise.all(needs)));
}

/** A text without what pages add to it, and without styles. */
const bare = (text: string): string => Bun.stripANSI(text).replaceAll(/\n? {2}┊ /g, "");

describe.each(texts)("%s", (_, text) => {
	test.each(sizes)("on %p: each page fits, and together they are the whole", async (size) => {
		for (const whole of [said(text, false), said(text, true)]) {
			const pager = new Pager();
			let page = pager.begin(whole, size);
			expect(await rowsOf(page.text, size.columns)).toBeLessThan(size.rows);
			const pages = [page.text];
			for (let next = pager.next(size); next; next = pager.next(size)) {
				page = next;
				// The later pages are as the first.
				if (pages.length < 4) {
					expect(await rowsOf(page.text, size.columns)).toBeLessThan(size.rows);
				}
				expect(page.text).toStartWith("  ┊ ");
				pages.push(page.text);
			}
			expect(page.rowsLeft).toBe(0);
			expect(bare(pages.join(""))).toBe(bare(whole));
		}
	});
});

test("what fits is not cut, and leaves the rest of another text to be read", () => {
	const [size] = sizes;
	if (!size) throw new Error("no size");
	const pager = new Pager();
	expect(pager.next(size)).toBeNull();
	pager.begin(said("a\n".repeat(30), false), size);
	for (const short of ["hello", "a\nb\nc", "x".repeat(400)]) {
		const text = said(short, true);
		expect(pager.begin(text, size)).toEqual({ text, rowsLeft: 0 });
	}
	expect(pager.next(size)).toMatchObject({ rowsLeft: 0 });
	expect(pager.next(size)).toBeNull();
});
