import { Queue } from "../../util/queue.ts";
import { createFile } from "../../util/secure-file.ts";

const MAX_LINES = 20_000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** The latest part of the transcript, kept for `/save`; the oldest lines are dropped first. */
export class Transcript {
	readonly #lines = new Queue<string>();
	#characters = 0;

	/** Everything kept, without colours. */
	get text(): string {
		return Array.from(this.#lines, (line) => `${Bun.stripANSI(line)}\n`).join("");
	}

	add(line: string): void {
		this.#lines.push(line);
		this.#characters += line.length;
		while (this.#lines.length > MAX_LINES || this.#characters > MAX_CHARACTERS) {
			this.#characters -= this.#lines.shift()?.length ?? 0;
		}
	}

	/**
	 * Writes a new file that only the user can read, whole or not at all. Returns the number of its
	 * lines; throws the system's error if the file exists already or cannot be written.
	 */
	save(file: string): number {
		const { text } = this;
		createFile(file, text);
		return text.split("\n").length - 1;
	}
}
