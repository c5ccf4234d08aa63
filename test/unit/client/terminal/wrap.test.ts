import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { widthOf } from "../../../../lib/client/terminal/layout.ts";
import { Style } from "../../../../lib/client/terminal/style.ts";
import { INDENT, rowsOf, wrap } from "../../../../lib/client/terminal/wrap.ts";
import { sanitize } from "../../../../lib/client/util/sanitize.ts";
import { replay } from "../../../e2e/terminal/visit.ts";
import { growth, MAX_GROWTH } from "../../../support/growth.ts";

// Lines are broken between words, and a word that no row can hold is left to the terminal.

const numRuns = Number(process.env.TEST_RUNS ?? 300);

describe("rows", () => {
	const link = "https://example.com/a/long/path/of/forty";
	const table: [text: string, columns: number, ...rows: string[]][] = [
		["▐ bob: one two three", 21, "▐ bob: one two three"],
		["▐ bob: one two three", 20, "▐ bob: one two", "    three"],
		["▐ bob: one two three", 12, "▐ bob: one", "    two", "    three"],
		// Several blanks stay, but for those where a row is broken, or beyond its end.
		["▐ a   b     c", 8, "▐ a   b", "    c"],
		["  ┊     if (x)  return", 17, "  ┊     if (x)", "    return"],
		["▐ a          b", 8, "▐ a", "    b"],
		["▐ a         ", 8, "▐ a    "],
		["▐ one\n  ┊ two three", 10, "▐ one", "  ┊ two", "    three"],
		["", 20, ""],
		// A link goes to the next row as a whole, and stays where it is if no row can hold it.
		[`▐ see ${link}, please`, 48, `▐ see ${link},`, "    please"],
		[`▐ see ${link}, please`, 46, "▐ see", `    ${link},`, "    please"],
		[`▐ see ${link}, please, now`, 28, `▐ see ${link}, please,`, "    now"],
		["▐ see http://例え.jp/日本語のパス yes", 17, "▐ see http://例え.jp/日本語のパス", "    yes"],
		// Scripts without blanks: not before a closing mark, nor after an opening one.
		["▐ 日本語日本語", 12, "▐ 日本語日", "    本語"],
		["▐ 日本語日。本", 12, "▐ 日本語", "    日。本"],
		["▐ 日本語「日」", 12, "▐ 日本語", "    「日」"],
		["▐ hi 日本語 abc日本", 11, "▐ hi 日本", "    語 abc", "    日本"],
		// Joined emoji count by their parts.
		["▐ ab 👩\u200d🚀 c", 10, "▐ ab 👩\u200d🚀", "    c"],
		["▐ ab 👩\u200d🚀 c", 9, "▐ ab", "    👩\u200d🚀", "    c"],
		["▐ cafe\u0301 cafe\u0301", 12, "▐ cafe\u0301 cafe\u0301"],
	];
	test.each(table)("%j in %i columns", (text, columns, ...rows) => {
		expect(wrap(text, columns).split("\n")).toEqual(rows);
	});
});

test("a mark of our own stays whole, and the colours of a row go on in the next", () => {
	const style = new Style(true);
	const mark = style.inverse(" PRIVATE ");
	expect(wrap(`▐ 12:31 ${mark} you`, 16)).toBe(`▐ 12:31\n    ${mark}\n    you`);
	const note = style.dim("-- one two three");
	expect(wrap(note, 14)).toBe(note.replace("two three", "two\n    three"));
});

const WORDS = [
	...[
		"a",
		"word",
		"hyphen-ated",
		"日本語",
		"「はい」、",
		"👩\u200d🚀",
		"🇩🇪",
		"❤️",
		"e\u0301",
		"नमस्ते",
		"한국어",
	],
	...[
		"https://example.com/",
		"x".repeat(30),
		"漢".repeat(20),
		"(",
		"))",
		"▌",
		"\x1b[31m",
		"\u00a0",
		"\t",
	],
];
const anyText = fc
	.array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(" ", "  ", "      ")), {
		maxLength: 50,
	})
	.map((parts) => sanitize(parts.join("")));
const anyColumns = fc.integer({ min: 1, max: 200 });
/** What is not to be broken: words, and the pieces of scripts that do without blanks. */
const wordsIn = (text: string): string[] => text.split(/ +/).filter((word) => word !== "");
const HAN = /[\p{sc=Han}\p{sc=Hiragana}]/u;

test("no row is too wide, no word is broken, and nothing is lost or added but blanks and breaks", () => {
	const property = fc.property(anyText, anyColumns, (line, columns) => {
		const rows = rowsOf(line, columns).map(([start, end]) => line.slice(start, end));
		let at = 0;
		for (const [index, row] of rows.entries()) {
			const gap = line.indexOf(row, at) - at;
			// Between two rows there are only blanks.
			expect(line.slice(at, at + gap).trim()).toBe("");
			at += gap + row.length;
			const width = (index === 0 ? 0 : INDENT) + widthOf(row);
			const isForced = wordsIn(row).some((word) => INDENT + widthOf(word) > columns - 1);
			expect(width < columns || isForced || columns <= INDENT + 1).toBe(true);
			// A row is not broken before it must be.
			const [next = ""] = wordsIn(rows[index + 1] ?? "");
			if (next !== "" && !isForced && !HAN.test(next)) {
				expect(
					widthOf(line.slice(at - row.length, line.indexOf(next, at))) + widthOf(next),
				).toBeGreaterThan(columns - 1 - (index === 0 ? 0 : INDENT));
			}
		}
		expect(line.slice(at).trim()).toBe("");
		const broken = rows.flatMap(wordsIn);
		if (!HAN.test(line)) expect(broken).toEqual(wordsIn(line));
		expect(broken.join("")).toBe(line.replaceAll(" ", ""));
	});
	fc.assert(property, { numRuns });
});

test("a terminal shows the rows as they were broken, and joins what it has wrapped itself", async () => {
	const property = fc.asyncProperty(
		anyText,
		fc.integer({ min: 12, max: 100 }),
		async (text, columns) => {
			// An emulator may take a joined emoji for narrower than its parts, but never for wider.
			const line = `▐ ${text}`;
			const emulator = await replay(wrap(line, columns).replaceAll("\n", "\r\n"), columns);
			const { active } = emulator.buffer;
			const rows: string[] = [];
			for (let row = 0; row <= active.baseY + active.cursorY; row++) {
				const shown = active.getLine(row)?.translateToString(true) ?? "";
				if (active.getLine(row)?.isWrapped) rows.push(`${rows.pop() ?? ""}${shown}`);
				else rows.push(shown);
			}
			emulator.dispose();
			const expected = wrap(line, columns).split("\n");
			expect(rows.map((row) => row.trimEnd())).toEqual(expected.map((row) => row.trimEnd()));
		},
	);
	await fc.assert(property, { numRuns: Math.ceil(numRuns / 3) });
});

test.each(["hello world ", "日本語の文章", "(", "https://x.y/", "\x1b[2mx\x1b[22m "])(
	"a long text of %j is gone through once",
	(piece) => {
		const grown = growth((size) => wrap(piece.repeat(size / Buffer.byteLength(piece)), 80));
		expect(grown).toBeLessThan(MAX_GROWTH);
	},
);
