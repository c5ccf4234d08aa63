import { Fifo } from "../../util/queue.ts";

const MOST_LINES = 20_000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** The end of the transcript, kept for `/save`, the oldest lines given up first. */
export class Keepsake {
	readonly #lines = new Fifo<string>();
	#characters = 0;

	get size(): number {
		return this.#lines.length;
	}

	/** All that is kept, without colours. */
	get text(): string {
		return Array.from(this.#lines, (line) => `${Bun.stripANSI(line)}\n`).join("");
	}

	add(line: string): void {
		this.#lines.push(line);
		this.#characters += line.length;
		while (this.#lines.length > MOST_LINES || this.#characters > MOST_CHARACTERS) {
			this.#characters -= this.#lines.shift()?.length ?? 0;
		}
	}
}
