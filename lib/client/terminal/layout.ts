import { sanitize } from "../util/sanitize.ts";

/** A part of the screen that is drawn again and again: the line being typed, and what is above it. */
export interface Block {
	rows: string[];
	/** The cursor's row in `rows`. */
	cursorRow: number;
	/** What stands before the cursor in its row. */
	beforeCursor: string;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const CONTINUATION = "┊ ";

/** Columns of text, as most terminals count: by code point, so that no joined emoji overflows. */
export function widthOf(text: string): number {
	let width = 0;
	for (const character of Bun.stripANSI(text)) width += Bun.stringWidth(character);
	return width;
}

/** As much of a text without styles as one row of the screen takes. */
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
 * Breaks what is typed into rows of fewer than `columns` columns, the prompt before the first one,
 * and keeps at most `maxRows` rows around the cursor. `cursor` is a UTF-16 index at a grapheme's edge.
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
		rows.push(CONTINUATION);
		width = widthOf(CONTINUATION);
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
		// Most of what is typed is plain, and a long line is drawn at every key.
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
