import { JobControl, type TerminalUser } from "../terminal/job-control.ts";
import { Keyboard } from "../terminal/keyboard.ts";
import { fit, sizeOf } from "../terminal/layout.ts";
import { onAbort } from "../util/abort.ts";
import type { LoginStreams } from "./login-page.ts";

const FRAMES = ["◒", "◐", "◓", "◑"];
/** Milliseconds. */
const FRAME_TIME = 80;
const ERASE_LINE = "\r\x1b[K";

/**
 * A line that moves while the user waits. What is typed meanwhile answers no question and is dropped,
 * but for Ctrl-C and Ctrl-Z. Not clack's spinner: it does not survive being stopped.
 */
export class WaitingLine implements TerminalUser, Disposable {
	readonly #streams: LoginStreams;
	readonly #text: string;
	readonly #keyboard: Keyboard;
	readonly #jobs: JobControl;
	#timer: Timer | undefined;
	#frame = 0;

	constructor(streams: LoginStreams, text: string) {
		this.#streams = streams;
		this.#text = text;
		this.#keyboard = new Keyboard(streams.input, (keys) => {
			for (const key of keys) {
				if (key.type !== "key") continue;
				if (key.name === "ctrl-c") this.#jobs.interrupt();
				if (key.name === "ctrl-z") this.#jobs.suspend();
			}
		});
		// In the background this waits: only then does going on mean that somebody has stopped us.
		this.take();
		this.#jobs = new JobControl(streams.signals, this);
		onAbort(streams.signal, () => this[Symbol.dispose]());
	}

	take(): void {
		this.#keyboard.take();
		clearInterval(this.#timer);
		this.#timer = setInterval(() => this.#draw(), FRAME_TIME);
		this.#draw();
	}

	release(): void {
		if (this.#timer === undefined) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
		this.#streams.output.write(ERASE_LINE);
		this.#keyboard.release();
	}

	/** Takes the line away. Calling it again does nothing. */
	[Symbol.dispose](): void {
		this.release();
		this.#jobs[Symbol.dispose]();
	}

	#draw(): void {
		const { output } = this.#streams;
		const line = `${FRAMES[this.#frame++ % FRAMES.length]}  ${this.#text}`;
		output.write(`${ERASE_LINE}${fit(line, sizeOf(output).columns)}`);
	}
}
