import { createInterface, type Interface } from "node:readline";
import type { Screen } from "./login.ts";

/** The transcript above, the line being typed below. */
export class Terminal {
	readonly #lines: Interface;
	readonly #output: Screen["output"];

	/** `typed` gets each line; `left` is called for Ctrl-C, Ctrl-D and the end of input. */
	constructor({ input, output }: Screen, typed: (line: string) => void, left: () => void) {
		this.#output = output;
		this.#lines = createInterface({ input, output, terminal: true, prompt: "> " });
		this.#lines.on("line", (line) => {
			typed(line);
			this.#lines.prompt();
		});
		// Without a listener Ctrl-C would close the line editor before the room has said goodbye.
		this.#lines.on("SIGINT", left);
		this.#lines.on("close", left);
		this.#lines.prompt();
	}

	/** Adds to the transcript; the line being typed moves down, its cursor where it was. */
	print(text: string): void {
		this.#output.write("\r\x1b[J");
		this.#output.write(`${text}\n`);
		this.#lines.prompt(true);
	}

	/** Gives the terminal back as it was. */
	close(): void {
		this.#lines.removeAllListeners("close");
		this.#lines.close();
		this.#output.write("\r\x1b[J");
	}
}
