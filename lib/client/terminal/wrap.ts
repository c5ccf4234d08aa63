import type { WriteStream } from "node:tty";
import { markLines } from "../util/line-mark.ts";
import { sizeOf, widthOf } from "./layout.ts";

/** Columns that a row leaves free before it goes on with the line of the row above. */
export const INDENT = 4;

const CJK =
	"[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\u3000-\\u303f\\uff01-\\uff60]";
const STYLE = "\\x1b\\[[\\d;]*m";
/** A mark of our own, with the blanks in it. */
const INVERSE = "\\x1b\\[7m.*?\\x1b\\[27m";
/** A terminal finds a link only in one piece. */
const LINK = "https?://[^ \\x1b]+";
/**
 * Blanks, or what stays together: a word with the styles in it, or one character of a script that
 * does without blanks, with the punctuation that may not begin or end a row.
 */
const PART = new RegExp(
	` +|[\\p{Ps}\\p{Pi}]*${CJK}\\p{M}*(?:[\\p{Pe}\\p{Pf}\\p{Po}ー]\\p{M}*)*|(?:${INVERSE}|${STYLE}|${LINK}|(?!${CJK})[^ \\x1b])+`,
	"gsu",
);

/** Where a row of a line begins and ends, as UTF-16 indexes. Between two rows there are blanks at most. */
type Row = [start: number, end: number];

/**
 * Breaks a line, which may be styled, between its words into rows that leave the last column free. A
 * word that is too long for any row is not broken: the terminal itself wraps it, so that it knows a
 * link to be one. The line begins at column `first`, and further rows at `further`.
 */
export function rowsOf(line: string, columns: number, first = 0, further = INDENT): Row[] {
	const max = columns - 1;
	// Almost every line is short, and no character is wider than two columns.
	if (first + 2 * line.length <= max) return [[0, line.length]];
	let row: Row = [0, 0];
	let column = first;
	const rows = [row];
	for (const { 0: part, index } of line.matchAll(PART)) {
		if (part.startsWith(" ")) continue;
		const width = widthOf(part);
		const blanks = index - row[1];
		const isTooLong = further + width > max;
		const isOver = isTooLong ? column + blanks >= max : column + blanks + width > max;
		if (isOver && index > 0) {
			row = [index, index];
			rows.push(row);
			column = further;
		} else column += blanks;
		column = isTooLong ? columnAfter(part, column, columns) : column + width;
		row[1] = index + part.length;
	}
	// Blanks at the end, as far as they fit.
	row[1] = Math.min(line.length, row[1] + Math.max(0, max - column));
	return rows;
}

/** The column after a word that the terminal wraps, perhaps several times. */
function columnAfter(word: string, start: number, columns: number): number {
	let column = start;
	for (const character of Bun.stripANSI(word)) {
		const width = widthOf(character);
		column = column + width > columns ? width : column + width;
	}
	return column;
}

/** Wraps each line of a text at its words. Further rows are indented: none can pass for a line. */
export const wrap = (text: string, columns: number): string =>
	text
		.split("\n")
		.map((line) =>
			rowsOf(line, columns)
				.map(([start, end]) => line.slice(start, end))
				.join(`\n${" ".repeat(INDENT)}`),
		)
		.join("\n");

/** Prints what the program itself has to say where there is no room around it. */
export function printMarked(text: string, isPlain: boolean, output: WriteStream): void {
	const lines = markLines(text);
	output.write(`${isPlain ? lines : wrap(lines, sizeOf(output).columns)}\n`);
}
