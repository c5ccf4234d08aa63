import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fit, layOut, widthOf } from "../../../../lib/client/terminal/layout.ts";
import { growth, MAX_GROWTH } from "../../../support/growth.ts";

const numRuns = Number(process.env.TEST_RUNS ?? 200);

test.each<[string, number]>([
	["", 0],
	["abc", 3],
	["日本", 4],
	["e\u0301", 1],
	["🦜", 2],
	// By code point, for terminals without joined emoji: too wide is safe, too narrow is not.
	["👩\u200d🚀", 4],
	["\x1b[1m\x1b[36mbob\x1b[39m\x1b[22m", 3],
])("%j is %i wide", (text, width) => {
	expect(widthOf(text)).toBe(width);
});

test("what fits into a row leaves its last column free", () => {
	expect(fit("abcdef", 10)).toBe("abcdef");
	expect(fit("abcdefghij", 10)).toBe("abcdefghi");
	expect(fit("日本語日本語", 10)).toBe("日本語日");
	expect(fit("abcd", 1)).toBe("");
});

/** The rows of a text whose cursor is at `|`, with a `|` where the cursor is drawn. */
function picture(text: string, columns: number, most = 8): string[] {
	const at = text.indexOf("|");
	const whole = text.replace("|", "");
	const { rows, cursorRow, beforeCursor } = layOut("> ", whole, at, columns, most);
	const row = rows[cursorRow] ?? "";
	expect(row).toStartWith(beforeCursor);
	return rows.with(cursorRow, `${beforeCursor}|${row.slice(beforeCursor.length)}`);
}

describe("rows", () => {
	const table: [text: string, columns: number, ...rows: string[]][] = [
		["|", 10, "> |"],
		["abc|", 10, "> abc|"],
		["a|bc", 10, "> a|bc"],
		["abcdefg|", 10, "> abcdefg|"],
		["abcdefgh|", 10, "> abcdefg", "┊ h|"],
		["abcdefg|h", 10, "> abcdefg", "┊ |h"],
		["abcdef|gh", 10, "> abcdef|g", "┊ h"],
		["abcdefghijklmno|", 10, "> abcdefg", "┊ hijklmn", "┊ o|"],
		["one\ntwo|", 10, "> one", "┊ two|"],
		["one|\ntwo", 10, "> one|", "┊ two"],
		["one\n|two", 10, "> one", "┊ |two"],
		["one\n|", 10, "> one", "┊ |"],
		["\n\n|", 10, "> ", "┊ ", "┊ |"],
		["abcdefg|\nh", 10, "> abcdefg|", "┊ h"],
		["日本語文|", 10, "> 日本語", "┊ 文|"],
		["a日本語|文", 10, "> a日本語", "┊ |文"],
		["e\u0301e\u0301|e\u0301", 10, "> e\u0301e\u0301|e\u0301"],
		["a\tb|", 10, "> a    b|"],
		["a\u202eb\u200bc|", 10, "> abc|"],
	];
	test.each(table)("%j in %i columns", (text, columns, ...rows) => {
		expect(picture(text, columns)).toEqual(rows);
	});
});

test("of a long text, the rows around the cursor are kept", () => {
	const text = Array.from({ length: 20 }, (_, line) => `line ${line}`).join("\n");
	const shown = (line: number): string[] =>
		picture(
			text.replace(/ (\d+)/g, (found, digits) => (Number(digits) === line ? `${found}|` : found)),
			20,
			4,
		);
	expect(shown(0)).toEqual(["> line 0|", "┊ line 1", "┊ line 2", "┊ line 3"]);
	expect(shown(10)).toHaveLength(4);
	expect(shown(10)).toContain("┊ line 10|");
	expect(shown(19)).toEqual(["┊ line 16", "┊ line 17", "┊ line 18", "┊ line 19|"]);
});

const PIECES = [..."ab \n\t日🦜\u0301\u202e\u200b\u200d", "👩\u200d🚀", "नमस्ते", "🇩🇪", "\x1b[31m"];
const anyText = fc
	.array(fc.constantFrom(...PIECES), { maxLength: 60 })
	.map((parts) => parts.join(""));
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

test("no row is wider than the terminal, none beyond the most, and the cursor is in one", () => {
	fc.assert(
		fc.property(anyText, fc.nat(), fc.integer({ min: 20, max: 120 }), (text, place, columns) => {
			const edges = [...graphemes.segment(text)].map(({ index }) => index).concat(text.length);
			const cursor = edges[place % edges.length] ?? 0;
			const { rows, cursorRow, beforeCursor } = layOut("to all> ", text, cursor, columns, 8);
			for (const row of rows) expect(widthOf(row)).toBeLessThan(columns);
			expect(rows.length).toBeLessThanOrEqual(8);
			expect(rows[cursorRow]).toStartWith(beforeCursor);
		}),
		{ numRuns },
	);
});

test.each(["hello world ", "日本語の文章", "👩\u200d🚀", "\n"])(
	"a long text of %j is gone through once",
	(piece) => {
		const grown = growth((size) => {
			const text = piece.repeat(size / Buffer.byteLength(piece));
			layOut("> ", text, text.length, 80, 8);
		});
		expect(grown).toBeLessThan(MAX_GROWTH);
	},
);
