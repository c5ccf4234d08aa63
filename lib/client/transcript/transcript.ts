import { Queue } from "../../util/queue.ts";

const MAX_LINES = 20_000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** How many lines a text of whole lines has. */
export const linesIn = (text: string): number => text.split("\n").length - 1;

/** The latest part of the transcript, kept for `/save`; the oldest lines are dropped first. */
export class Transcript {
	readonly #lines = new Queue<string>();
	#characters = 0;

	/** Everything kept, each line with its end. */
	get text(): string {
		return Array.from(this.#lines, (line) => `${line}\n`).join("");
	}

	add(line: string): void {
		this.#lines.push(line);
		this.#characters += line.length;
		while (this.#lines.length > MAX_LINES || this.#characters > MAX_CHARACTERS) {
			this.#characters -= this.#lines.shift()?.length ?? 0;
		}
	}
}
