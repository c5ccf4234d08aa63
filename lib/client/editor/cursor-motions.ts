// Where keys move the cursor. The cursor stands at grapheme boundaries, because a grapheme is what
// people see as one character; all positions are UTF-16 indices. Asking for the segment at a
// position takes microseconds in a long line, where going through all would take a millisecond.
import type { KeyName } from "../keyboard/key-names.ts";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const words = new Intl.Segmenter(undefined, { granularity: "word" });

/** The last boundary before `at`, or 0. */
export const before = (text: string, at: number): number =>
	graphemes.segment(text).containing(at - 1)?.index ?? 0;

/** The first boundary after `at`, or the end. */
export function after(text: string, at: number): number {
	const found = graphemes.segment(text).containing(at);
	return found ? found.index + found.segment.length : text.length;
}

/** `at` if it is a boundary, otherwise the last one before it. */
export const floor = (text: string, at: number): number =>
	graphemes.segment(text).containing(at)?.index ?? text.length;

/** `at` if it is a boundary, otherwise the first one after it. */
export const ceil = (text: string, at: number): number =>
	floor(text, at) === at ? at : after(text, at);

/** The start of the word that `at` is in or after, or 0. */
function wordStart(text: string, at: number): number {
	const segments = words.segment(text);
	let found = segments.containing(at - 1);
	while (found && !found.isWordLike) found = segments.containing(found.index - 1);
	return found ? floor(text, found.index) : 0;
}

/** The end of the word that `at` is in or before, or the end of the text. */
function wordEnd(text: string, at: number): number {
	const segments = words.segment(text);
	const end = (found: Intl.SegmentData): number => found.index + found.segment.length;
	let found = segments.containing(at);
	while (found && !found.isWordLike) found = segments.containing(end(found));
	return found ? ceil(text, end(found)) : text.length;
}

/** The start of the run of characters without whitespace that `at` is in or after, or 0. */
function blankStart(text: string, at: number): number {
	let start = text.slice(0, at).trimEnd().length;
	while (start > 0 && !/\s/.test(text.charAt(start - 1))) start--;
	return floor(text, start);
}

/** The start of the line that `at` is in. */
export const lineStart = (text: string, at: number): number =>
	text.slice(0, at).lastIndexOf("\n") + 1;

/** The end of the line that `at` is in, before the newline. */
export function lineEnd(text: string, at: number): number {
	const newline = text.indexOf("\n", at);
	return newline === -1 ? text.length : newline;
}

/** The same column in the line above; undefined in the first one. */
export function above(text: string, at: number): number | undefined {
	const start = lineStart(text, at);
	return start === 0 ? undefined : sameColumn(text, at, lineStart(text, start - 1));
}

/** The same column in the line below; undefined in the last one. */
export function below(text: string, at: number): number | undefined {
	const end = lineEnd(text, at);
	return end === text.length ? undefined : sameColumn(text, at, end + 1);
}

/** As many graphemes into the line at `start` as `at` is into its own, or that line's end. */
function sameColumn(text: string, at: number, start: number): number {
	let column = 0;
	for (const _grapheme of graphemes.segment(text.slice(lineStart(text, at), at))) column++;
	const line = text.slice(start, lineEnd(text, start));
	for (const { index } of graphemes.segment(line)) if (column-- === 0) return start + index;
	return start + line.length;
}

export type Motions = { readonly [name in KeyName]?: (text: string, cursor: number) => number };

/** Where each key moves the cursor. */
export const MOTIONS: Motions = {
	left: before,
	"ctrl-b": before,
	right: after,
	"ctrl-f": after,
	"word-left": wordStart,
	"alt-b": wordStart,
	"word-right": wordEnd,
	"alt-f": wordEnd,
	home: lineStart,
	"ctrl-a": lineStart,
	end: lineEnd,
	"ctrl-e": lineEnd,
};

/** How far from the cursor each key deletes. */
export const DELETIONS: Motions = { backspace: before, delete: after };

/**
 * The same for keys whose deletions Ctrl-Y brings back. At the start or end of a line, Ctrl-U and
 * Ctrl-K delete the newline there.
 */
export const KILLS: Motions = {
	"ctrl-w": blankStart,
	"alt-backspace": wordStart,
	"alt-d": wordEnd,
	"ctrl-u": (text, at) => Math.min(lineStart(text, at), before(text, at)),
	"ctrl-k": (text, at) => Math.max(lineEnd(text, at), after(text, at)),
};
