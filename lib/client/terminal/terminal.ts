import type { ReadStream, WriteStream } from "node:tty";
import { drained } from "../util/drain.ts";
import { type Key, KeyDecoder } from "./key-decoder.ts";
import { type Block, widthOf } from "./layout.ts";

const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";
// Drawing between these two is shown at once where a terminal knows them, and else as it comes.
const FRAME_START = "\x1b[?2026h";
const FRAME_END = "\x1b[?2026l";
const ERASE_LINE = "\x1b[K";
// Never from a screen's very first cell on: tmux takes that for clearing it.
const ERASE_BELOW = "\x1b[J";
const ERASE_ALL = "\x1b[2J\x1b[H";
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";

/** Milliseconds that lines are gathered for one drawing. */
const FRAME_TIME = 8;
/** Characters of transcript after which we wait for the terminal to take what it has. */
const MAX_QUEUED = 256 * 1024;

const NO_BLOCK: Block = { rows: [], cursorRow: 0, beforeCursor: "" };

/**
 * The transcript above, and below it a block that is drawn again whenever something changes. The
 * terminal's own screen and scrollback are used, so that its search, selection and links work on
 * the transcript, which is left to the terminal to wrap.
 */
export class Terminal {
	readonly #input: ReadStream;
	readonly #output: WriteStream;
	readonly #keyboard = new KeyDecoder();
	readonly #view: () => Block;
	readonly #pressed: (key: Key) => void;
	#queue: string[] = [];
	#queuedLength = 0;
	#shown = NO_BLOCK;
	#frame: Timer | undefined;
	#escape: Timer | undefined;
	#isOpen = true;

	/** Takes the terminal: `view` gives the block to draw, `pressed` gets each key. */
	constructor(
		{ input, output }: { input: ReadStream; output: WriteStream },
		view: () => Block,
		pressed: (key: Key) => void,
	) {
		this.#input = input;
		this.#output = output;
		this.#view = view;
		this.#pressed = pressed;
		input.setRawMode(true);
		input.setEncoding("utf8");
		input.on("data", this.#read);
		input.resume();
		output.on("resize", this.#resize);
		output.write(PASTE_ON);
		this.draw();
	}

	/** Adds to the transcript; the block moves down and nothing in it changes. */
	print(text: string): void {
		this.#queue.push(text);
		this.#queuedLength += text.length;
		this.#frame ??= setTimeout(() => this.draw(), FRAME_TIME);
	}

	/** Resolves when the terminal has kept up, so that a busy room does not fill our memory. */
	async ready(): Promise<void> {
		if (this.#queuedLength < MAX_QUEUED) return;
		this.draw();
		await drained(this.#output);
	}

	/** Shows the block as it is now, after everything printed before. */
	draw(): void {
		if (!this.#isOpen) return;
		const above = this.#above();
		const block = this.#view();
		this.#output.write(`${FRAME_START}${above}${renderBlock(block)}${FRAME_END}`);
		this.#shown = block;
	}

	bell(): void {
		this.#output.write("\x07");
	}

	/** Empties the screen but for the block. */
	clear(): void {
		this.#output.write(ERASE_ALL);
		this.#shown = NO_BLOCK;
		this.draw();
	}

	/** Gives the terminal back as it was, the block gone. Calling it again does nothing. */
	close(): void {
		if (!this.#isOpen) return;
		this.#output.write(`${this.#above()}${PASTE_OFF}`);
		this.#isOpen = false;
		clearTimeout(this.#escape);
		this.#input.off("data", this.#read);
		this.#output.off("resize", this.#resize);
		this.#input.setRawMode(false);
	}

	/** In place of the block, what was printed since it was drawn. */
	#above(): string {
		clearTimeout(this.#frame);
		this.#frame = undefined;
		const lines = this.#queue.map((text) => `${text.replaceAll("\n", "\r\n")}\r\n`);
		this.#queue = [];
		this.#queuedLength = 0;
		const { rows, cursorRow } = this.#shown;
		const up = cursorRow > 0 ? `\x1b[${cursorRow}A` : "";
		const below = rows.length > 1 ? `\x1b[B${ERASE_BELOW}\x1b[A` : "";
		return `\r${up}${ERASE_LINE}${below}${lines.join("")}`;
	}

	readonly #read = (chunk: string): void => {
		clearTimeout(this.#escape);
		for (const key of this.#keyboard.push(chunk)) this.#pressed(key);
		const { timeout } = this.#keyboard;
		if (timeout === undefined) return;
		this.#escape = setTimeout(() => {
			for (const key of this.#keyboard.flush()) this.#pressed(key);
		}, timeout);
	};

	/** A narrower terminal has broken the block's rows into more: the top of it is further up. */
	readonly #resize = (): void => {
		const { columns } = sizeOf(this.#output);
		const { rows, cursorRow } = this.#shown;
		// The cursor's own row is left to us by some terminals and broken by others: taking it for
		// broken would erase a line of the transcript where it is not.
		const above = rows.slice(0, cursorRow);
		const rowsAbove = above.reduce(
			(sum, row) => sum + Math.max(1, Math.ceil(widthOf(row) / columns)),
			0,
		);
		this.#shown = { ...this.#shown, cursorRow: rowsAbove };
		this.draw();
	};
}

/** A terminal that does not know its size, as a serial line, is taken for an ordinary one. */
export const sizeOf = ({ columns, rows }: WriteStream): { columns: number; rows: number } => ({
	columns: columns || 80,
	rows: rows || 24,
});

/** The block's rows, and then the cursor back to its place in them. */
function renderBlock({ rows, cursorRow, beforeCursor }: Block): string {
	const below = rows.length - 1 - cursorRow;
	const up = below > 0 ? `\x1b[${below}A` : "";
	// Written again, the row's beginning puts the cursor where this terminal thinks it belongs,
	// however wide it thinks that emoji and combining marks are.
	return `${WRAP_OFF}${rows.join("\r\n")}${up}\r${beforeCursor}${WRAP_ON}`;
}
