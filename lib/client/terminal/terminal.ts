import type { ReadStream, WriteStream } from "node:tty";
import { Output } from "../util/output.ts";
import { JobControl, type JobSignals, type TerminalUser } from "./job-control.ts";
import type { Key } from "./key-decoder.ts";
import { Keyboard } from "./keyboard.ts";
import { type Block, sizeOf, widthOf } from "./layout.ts";
import { wrap } from "./wrap.ts";

// Reports of where a paste begins and ends, and of whether the terminal has the keyboard.
const REPORTS_ON = "\x1b[?2004h\x1b[?1004h";
const REPORTS_OFF = "\x1b[?2004l\x1b[?1004l";
// A terminal that knows these two shows all that comes between them at once; others ignore them.
const FRAME_START = "\x1b[?2026h";
const FRAME_END = "\x1b[?2026l";
const ERASE_LINE = "\x1b[K";
// Never use this in the screen's very first cell: tmux takes it for clearing the whole screen.
const ERASE_BELOW = "\x1b[J";
const ERASE_ALL = "\x1b[2J\x1b[H";
const WRAP_OFF = "\x1b[?7l";
const WRAP_ON = "\x1b[?7h";

/** Milliseconds for which we gather lines before we draw them together. */
const FRAME_TIME = 8;
/** Characters not drawn yet; from this many on, we wait for the terminal to catch up. */
const MAX_QUEUED = 256 * 1024;

const NO_BLOCK: Block = { rows: [], cursorRow: 0, beforeCursor: "" };

/**
 * The transcript, and below it a block that is drawn again whenever something changes. We use the
 * terminal's own screen and scrollback, so that its search, selection and links work on the
 * transcript. What is printed is the terminal's, too: after a resize it shows that as it likes, and
 * only what comes then is wrapped at the new width. To print it anew would show it twice, because
 * nobody can tell what has been scrolled away.
 */
export class Terminal implements TerminalUser {
	readonly #stream: WriteStream;
	readonly #output: Output;
	readonly #keyboard: Keyboard;
	readonly #signals: JobSignals;
	#jobs: JobControl;
	readonly #view: () => Block;
	readonly #pressed: (key: Key) => void;
	#queue: string[] = [];
	#queuedLength = 0;
	#shown = NO_BLOCK;
	#frame: Timer | undefined;
	/** False while the terminal is a shell's, and after the end. */
	#isTaken = false;

	/**
	 * Takes over the terminal: `view` returns the block to draw, `pressed` gets each key, `focused`
	 * whether the terminal has the keyboard, if it reports that.
	 */
	constructor(
		{ input, output, signals }: { input: ReadStream; output: WriteStream; signals: JobSignals },
		view: () => Block,
		pressed: (key: Key) => void,
		focused: (isFocused: boolean) => void,
	) {
		this.#stream = output;
		this.#signals = signals;
		this.#output = new Output(output);
		this.#view = view;
		this.#pressed = pressed;
		this.#keyboard = new Keyboard(input, (keys) => this.#press(keys), focused);
		output.on("resize", this.#resize);
		this.take();
		// Last: a program that is started in the background waits in `take` for the terminal.
		this.#jobs = new JobControl(signals, this);
	}

	/** Stops the program until its shell has it go on. */
	suspend(): void {
		this.#jobs.suspend();
	}

	take(): void {
		this.#isTaken = true;
		this.#keyboard.take();
		this.#output.write(REPORTS_ON);
		this.#shown = NO_BLOCK;
		this.draw();
	}

	/** Removes the block and restores the terminal. Calling it again does nothing. */
	release(): void {
		if (!this.#isTaken) return;
		this.#output.write(`${this.#above()}${REPORTS_OFF}`);
		this.#isTaken = false;
		this.#keyboard.release();
	}

	/** Leaves the terminal to somebody else in this program, until `reclaim`. */
	lend(): void {
		this.release();
		this.#jobs[Symbol.dispose]();
	}

	reclaim(): void {
		this.take();
		this.#jobs = new JobControl(this.#signals, this);
	}

	/** Adds to the transcript. The block moves down, and nothing in it changes. */
	print(text: string): void {
		this.#queue.push(text);
		this.#queuedLength += text.length;
		this.#frame ??= setTimeout(() => this.draw(), FRAME_TIME);
	}

	/** Resolves when the terminal has caught up, so that a busy room does not fill our memory. */
	async ready(): Promise<void> {
		if (this.#queuedLength < MAX_QUEUED) return;
		this.draw();
		await this.#output.ready();
	}

	/** Draws what was printed before, and below it the block as it is now. */
	draw(): void {
		if (!this.#isTaken) return;
		const above = this.#above();
		const block = this.#view();
		this.#output.write(`${FRAME_START}${above}${renderBlock(block)}${FRAME_END}`);
		this.#shown = block;
	}

	bell(): void {
		this.#output.write("\x07");
	}

	/** Clears the screen except for the block. */
	clear(): void {
		this.#output.write(ERASE_ALL);
		this.#shown = NO_BLOCK;
		this.draw();
	}

	/** Releases the terminal for good. Calling it again does nothing. */
	close(): void {
		this.lend();
		// The terminal may have been lent when this came.
		if (this.#queue.length > 0) this.#output.write(this.#above());
		this.#stream.off("resize", this.#resize);
	}

	/** Output that replaces the block with what was printed since it was drawn. */
	#above(): string {
		clearTimeout(this.#frame);
		this.#frame = undefined;
		const { columns } = sizeOf(this.#stream);
		const lines = this.#queue.map((text) => `${wrap(text, columns).replaceAll("\n", "\r\n")}\r\n`);
		this.#queue = [];
		this.#queuedLength = 0;
		const { rows, cursorRow } = this.#shown;
		const up = cursorRow > 0 ? `\x1b[${cursorRow}A` : "";
		const below = rows.length > 1 ? `\x1b[B${ERASE_BELOW}\x1b[A` : "";
		return `\r${up}${ERASE_LINE}${below}${lines.join("")}`;
	}

	/** Draws once for all keys that came together: thousands may, and none of them waits. */
	#press(keys: Iterable<Key>): void {
		for (const key of keys) this.#pressed(key);
		this.draw();
	}

	/** A narrower terminal has wrapped rows of the block, so that its top is further up. */
	readonly #resize = (): void => {
		const { columns } = sizeOf(this.#stream);
		const { rows, cursorRow } = this.#shown;
		// Some terminals wrap the cursor's own row, too, and others do not. We assume that they do
		// not: if we were wrong the other way, we would erase a line of the transcript.
		const above = rows.slice(0, cursorRow);
		const rowsAbove = above.reduce(
			(sum, row) => sum + Math.max(1, Math.ceil(widthOf(row) / columns)),
			0,
		);
		this.#shown = { ...this.#shown, cursorRow: rowsAbove };
		this.draw();
	};
}

/** Output that draws the block's rows and then returns the cursor to its place in them. */
function renderBlock({ rows, cursorRow, beforeCursor }: Block): string {
	const below = rows.length - 1 - cursorRow;
	const up = below > 0 ? `\x1b[${below}A` : "";
	// Terminals disagree on how wide emoji and combining marks are. Writing the beginning of the row
	// again puts the cursor where this one thinks that it belongs.
	return `${WRAP_OFF}${rows.join("\r\n")}${up}\r${beforeCursor}${WRAP_ON}`;
}
