import type { KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";

type Line = { text: string; cursor: number };
type Places = { [name in KeyName]?: number };

const segmentsOf = (text: string, granularity: "grapheme" | "word"): Intl.SegmentData[] =>
	Array.from(new Intl.Segmenter(undefined, { granularity }).segment(text));
const edgesOf = (text: string): number[] => [
	0,
	...segmentsOf(text, "grapheme").map(({ index, segment }) => index + segment.length),
];

/** A slow model of the editor: it lists all places in the text and takes one. */
export class EditorModel {
	line: Line = { text: "", cursor: 0 };
	#entries: string[] = [];
	/** Each entry as it is now, then the unfinished line; `line` belongs at `#place`. */
	#lines: Line[] = [this.line];
	#place = 0;
	#killed = "";
	#lastKilled = false;

	insert(text: string): void {
		this.#lastKilled = false;
		this.#put(this.line.cursor, this.line.cursor, text);
	}

	set(text: string, cursor: number): void {
		this.#lastKilled = false;
		this.line = lineOf(text, Math.min(cursor, text.length));
		if (text === "") this.#begin();
	}

	take(): void {
		const { text } = this.line;
		if (text.trim() !== "" && text !== this.#entries.at(-1)) this.#entries.push(text);
		this.#lastKilled = false;
		this.#begin();
	}

	press(name: KeyName): void {
		const { text, cursor } = this.line;
		const places = placesOf(text, cursor);
		const reach = places.kills[name] ?? places.deletions[name] ?? cursor;
		const [from, to] = [Math.min(reach, cursor), Math.max(reach, cursor)];
		const wasKill = this.#lastKilled;
		this.#lastKilled = name in places.kills && from < to;

		if (this.#lastKilled) {
			const before = wasKill ? this.#killed : "";
			const now = text.slice(from, to);
			this.#killed = to === cursor ? now + before : before + now;
		}
		if (from < to) this.#put(from, to, "");
		else if (name in places.moves) this.line = { text, cursor: places.moves[name] ?? 0 };
		else if (name === "up" || name === "ctrl-p") this.#go(this.#place - 1);
		else if (name === "down" || name === "ctrl-n") this.#go(this.#place + 1);
		else if (name === "ctrl-y") this.#put(cursor, cursor, this.#killed);
		else if (name === "ctrl-t") this.#transpose();
	}

	#transpose(): void {
		const { text, cursor } = this.line;
		const atEnd = cursor === text.length || text[cursor] === "\n";
		const end = atEnd ? cursor : (edgesOf(text).find((edge) => edge > cursor) ?? cursor);
		const [start, middle] = edgesOf(text)
			.filter((edge) => edge < end)
			.slice(-2);
		if (start === undefined || middle === undefined) return;
		const [left, right] = [text.slice(start, middle), text.slice(middle, end)];
		if (left !== "\n" && right !== "\n") this.#put(start, end, right + left);
	}

	#put(from: number, to: number, text: string): void {
		const [before, after] = [this.line.text.slice(0, from), this.line.text.slice(to)];
		this.line = lineOf(before + text + after, from + text.length);
	}

	#begin(): void {
		this.line = { text: "", cursor: 0 };
		this.#lines = [...this.#entries.map((text) => ({ text, cursor: text.length })), this.line];
		this.#place = this.#entries.length;
	}

	#go(place: number): void {
		const line = this.#lines[place];
		if (!line) return;
		this.#lines[this.#place] = this.line;
		this.#place = place;
		this.line = line;
	}
}

/** A cursor within a character moves to its end. */
const lineOf = (text: string, place: number): Line => ({
	text,
	cursor: edgesOf(text).find((edge) => edge >= place) ?? text.length,
});

function placesOf(
	text: string,
	cursor: number,
): { moves: Places; deletions: Places; kills: Places } {
	const edges = edgesOf(text);
	const left = edges.findLast((edge) => edge < cursor) ?? 0;
	const right = edges.find((edge) => edge > cursor) ?? text.length;

	const words = segmentsOf(text, "word").filter(({ isWordLike }) => isWordLike);
	const wordStarts = words.map(({ index }) => index);
	const wordEnds = words.map(({ index, segment }) => index + segment.length);
	const wordStart = wordStarts.findLast((start) => start < cursor) ?? 0;
	const wordEnd = wordEnds.find((end) => end > cursor) ?? text.length;
	const wordLeft = edges.findLast((edge) => edge <= wordStart) ?? 0;
	const wordRight = edges.find((edge) => edge >= wordEnd) ?? text.length;
	const blank = text.slice(0, cursor).search(/\S*\s*$/);
	const blankLeft = edges.findLast((edge) => edge <= blank) ?? 0;

	const rows = rowsOf(text, edges);
	const row = rows.findIndex((places) => places.includes(cursor));
	const here = rows[row] ?? [];
	const column = here.indexOf(cursor);
	const inRow = (number: number): number | undefined =>
		rows[number]?.[column] ?? rows[number]?.at(-1);
	const [home = 0, end = 0] = [here[0], here.at(-1)];
	const [up, down] = [inRow(row - 1), inRow(row + 1)];

	return {
		moves: {
			...{ left, "ctrl-b": left, right, "ctrl-f": right },
			...{ home, "ctrl-a": home, end, "ctrl-e": end },
			...{ "word-left": wordLeft, "alt-b": wordLeft, "word-right": wordRight, "alt-f": wordRight },
			...(up !== undefined && { up }),
			...(down !== undefined && { down }),
		},
		deletions: { backspace: left, delete: right },
		kills: {
			...{ "ctrl-w": blankLeft, "alt-backspace": wordLeft, "alt-d": wordRight },
			"ctrl-u": cursor === home ? left : home,
			"ctrl-k": cursor === end ? right : end,
		},
	};
}

/** The places of each line: a new line begins behind each newline. */
function rowsOf(text: string, edges: number[]): number[][] {
	const rows: number[][] = [];
	for (const edge of edges) {
		if (edge === 0 || text[edge - 1] === "\n") rows.push([]);
		rows.at(-1)?.push(edge);
	}
	return rows;
}
