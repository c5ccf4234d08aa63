import { sanitize } from "../util/sanitize.ts";

/** The part of the screen that is redrawn: the line being typed, and rows just above it. */
export interface Block {
	rows: string[];
	/** The index in `rows` of the cursor's row. */
	cursorRow: number;
	/** The text before the cursor in its row. */
	beforeCursor: string;
}

/** In columns and rows. */
export interface ScreenSize {
	readonly columns: number;
	readonly rows: number;
}

/** The size of an output; an ordinary one if it is not known, as on a serial line or for a pipe. */
export const sizeOf = ({ columns, rows }: Partial<ScreenSize>): ScreenSize => ({
	columns: columns || 80,
	rows: rows || 24,
});

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Begins every further row of the line being typed. */
export const FURTHER_ROW = "┊ ";

/**
 * The width of a text in columns. Terminals count by code point, or by what is seen of several: the
 * larger number counts, so that no emoji overflows.
 */
export function widthOf(text: string): number {
	if (/^[ -~]*$/.test(text)) return text.length;
	let width = 0;
	for (const character of Bun.stripANSI(text)) width += Bun.stringWidth(character);
	return Math.max(width, Bun.stringWidth(text));
}

/** The beginning of a text without styles, as much of it as fits into one row. */
export function fit(text: string, columns: number): string {
	let width = 0;
	let end = 0;
	for (const character of text) {
		width += Bun.stringWidth(character);
		if (width >= columns) break;
		end += character.length;
	}
	return text.slice(0, end);
}

/**
 * Breaks the typed text into rows of fewer than `columns` columns, the first of which begins with
 * the prompt, and keeps at most `maxRows` rows around the cursor. `cursor` is a UTF-16 index at a
 * grapheme boundary.
 */
export function layOut(
	prompt: string,
	text: string,
	cursor: number,
	columns: number,
	maxRows: number,
): Block {
	const maxWidth = Math.max(columns - 1, 2);
	const rows = [prompt];
	let width = widthOf(prompt);
	let cursorRow = 0;
	let beforeCursor = prompt;

	const breakRow = (): void => {
		rows.push(FURTHER_ROW);
		width = widthOf(FURTHER_ROW);
	};
	const placeCursor = (): void => {
		cursorRow = rows.length - 1;
		beforeCursor = rows.at(-1) ?? "";
	};
	for (const { segment, index } of graphemes.segment(text)) {
		if (segment === "\n") {
			if (index === cursor) placeCursor();
			breakRow();
			continue;
		}
		// A shortcut: most text is plain, and we lay out a long line again at every key.
		const isPlain = /^[ -~]$/.test(segment);
		const shown = isPlain ? segment : sanitize(segment);
		const segmentWidth = isPlain ? 1 : widthOf(shown);
		if (width + segmentWidth > maxWidth) breakRow();
		if (index === cursor) placeCursor();
		rows[rows.length - 1] += shown;
		width += segmentWidth;
	}
	if (cursor >= text.length) placeCursor();

	const first = Math.min(Math.max(0, cursorRow - maxRows + 1), Math.max(0, rows.length - maxRows));
	return { rows: rows.slice(first, first + maxRows), cursorRow: cursorRow - first, beforeCursor };
}
