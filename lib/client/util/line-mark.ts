/**
 * Begins every line that is a line of its own. A terminal wraps a long text to column 0, at a width
 * that only it knows and that changes, so no line is known by its place: `hi`, blanks up to the
 * width, `boss: yes`. It is known by a character that no peer's text keeps (see `sanitize`).
 *
 * U+2590, because code and prose do not need it, as they need every character of ASCII; it is in
 * CP437 and WGL4, and so in nearly every terminal's font; it is one column wide in every locale
 * (East Asian width N, unlike its neighbours and most of the box drawing); screen readers have no
 * word for it and pass over it (it is not in NVDA's table of symbols); and it is unlike the bars
 * that code does need: in some fonts `¦` is `|`.
 */
export const LINE_MARK = "▐";

/**
 * The mark, and what a reader might take for it: solid or heavily dashed bars and blocks as high as
 * a row, also those of the quadrants, sextants, octants and their like, joined or separated; squares
 * and circles of which half is filled; Braille cells of which a side is.
 */
const MARK_LIKE =
	/[\u2503\u2507\u250b\u254f\u2588-\u2590\u2595\u2599-\u259f\u25ae\u25d0\u25d1\u25d6\u25d7\u25e7-\u25eb\u2759\u275a\u2847\u28b8\u28ff\u{1cc21}-\u{1cc2f}\u{1cd00}-\u{1cdeb}\u{1ce51}-\u{1ceaf}\u{1fb00}-\u{1fbaf}\u{1fbce}\u{1fbcf}]/gu;

/** Puts a bar that every text may contain in the place of all that could pass for the mark. */
export const replaceMarks = (text: string): string => text.replaceAll(MARK_LIKE, "|");

/** Marks a line of its own; `mark` may be a styled one. */
export const markLine = (line: string, mark = LINE_MARK): string => `${mark} ${line}`;

/** Marks each line of a text of our own. What a peer wrote in it must be sanitized to one line. */
export const markLines = (text: string): string => text.replaceAll(/^/gm, markLine(""));
