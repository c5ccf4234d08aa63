import { type ScreenSize, widthOf } from "../terminal/layout.ts";
import { INDENT, rowsOf } from "../terminal/wrap.ts";
import { FURTHER_LINE } from "./line-formatter.ts";

/** Rows that a message leaves free: for the line being typed, and for what stood before. */
const FREE_ROWS = 4;
const MIN_ROWS = 4;
/** A character, or one of our own styles, which takes no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: matches the escape sequences of colours
const PART = /\x1b\[[\d;]*m|./gsu;
const STYLE = "\x1b";
const END_OF_STYLES = "\x1b[0m";

/** As much of a text as fits the screen, and how many rows the rest of it takes. */
export interface Page {
	readonly text: string;
	readonly rowsLeft: number;
}

/**
 * Cuts a text that takes more than a screenful, so that nobody can push everything else off the
 * screen with one message. The rest is shown page by page, when the user asks for it.
 */
export class Pager {
	/** What is left of the latest text that was cut; whole lines, without styles. */
	#rest = "";

	/** The first page of a formatted text. */
	begin(text: string, size: ScreenSize): Page {
		return fitsSurely(text, size) ? { text, rowsLeft: 0 } : this.#cut(text, size);
	}

	/** The next page of the text that was cut last; null if all of it was shown. */
	next(size: ScreenSize): Page | null {
		const rest = this.#rest;
		this.#rest = "";
		return rest === "" ? null : this.#cut(rest, size);
	}

	#cut(text: string, size: ScreenSize): Page {
		const [first, rest] = split(text, size);
		if (rest === "") return { text: first, rowsLeft: 0 };
		this.#rest = rest;
		return { text: first, rowsLeft: estimateRows(rest, size) };
	}
}

/** The first screenful of a text, and the rest as further lines of it. */
function split(text: string, size: ScreenSize): [first: string, rest: string] {
	const lines = text.split("\n");
	let free = maxRows(size);
	let whole = 0;
	for (const line of lines) {
		free -= heightsOf(line, size).reduce((sum, height) => sum + height);
		if (free < 0) break;
		whole++;
	}
	if (whole === lines.length) return [text, ""];
	// A line longer than the screen is cut itself; any other goes to the next page.
	const [begun, ended] = whole > 0 ? ["", lines[whole] ?? ""] : splitLine(lines[0] ?? "", size);
	const first = whole > 0 ? lines.slice(0, whole).join("\n") : begun;
	const rest = Bun.stripANSI([ended, ...lines.slice(whole + 1)].join("\n"));
	return [
		first.includes(STYLE) ? `${first}${END_OF_STYLES}` : first,
		rest.startsWith(FURTHER_LINE) ? rest : `${FURTHER_LINE}${rest}`,
	];
}

/** Cuts between two rows, or within a word that takes more than a screenful alone. */
function splitLine(line: string, size: ScreenSize): [begun: string, ended: string] {
	let free = maxRows(size);
	const beyond = heightsOf(line, size).findIndex((height) => {
		free -= height;
		return free < 0;
	});
	const end = rowsOf(line, size.columns)[beyond]?.[0] || endOfScreenful(line, size);
	return [line.slice(0, end), line.slice(end)];
}

function endOfScreenful(word: string, size: ScreenSize): number {
	let room = maxRows(size) * usable(size);
	let end = 0;
	for (const [part] of word.matchAll(PART)) {
		room -= part.startsWith(STYLE) ? 0 : widthOf(part);
		if (room < 0) break;
		end += part.length;
	}
	return end;
}

/** How many rows of the screen each row of a line takes: one, unless the terminal has to wrap it. */
function heightsOf(line: string, size: ScreenSize): number[] {
	return rowsOf(line, size.columns).map(([start, end]) =>
		heightOf((start === 0 ? 0 : INDENT) + widthOf(line.slice(start, end)), size),
	);
}

const maxRows = ({ rows }: ScreenSize): number => Math.max(MIN_ROWS, rows - FREE_ROWS);

/** A wide character that does not fit into a row's last column leaves it empty. */
const usable = ({ columns }: ScreenSize): number => Math.max(2, columns - 1);

const heightOf = (width: number, size: ScreenSize): number =>
	Math.max(1, Math.ceil(width / usable(size)));

/** By the runtime's own measure, which is quick: the rest may be the roster of a large room. */
const estimateRows = (text: string, size: ScreenSize): number =>
	text.split("\n").reduce((sum, line) => sum + heightOf(Bun.stringWidth(line), size), 0);

/**
 * A quick look, since almost every text is short: no character is wider than two columns, and of two
 * rows that are broken between words one is half full.
 */
const fitsSurely = (text: string, size: ScreenSize): boolean =>
	text.split("\n").length + (text.length * 4) / Math.max(1, usable(size) - INDENT) <= maxRows(size);
