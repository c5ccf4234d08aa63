import { writeFile } from "node:fs/promises";
import { Queue } from "../../util/queue.ts";

const MAX_LINES = 20_000;
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** The end of the transcript, kept for `/save`, the oldest lines given up first. */
export class Transcript {
	readonly #lines = new Queue<string>();
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
		while (this.#lines.length > MAX_LINES || this.#characters > MAX_CHARACTERS) {
			this.#characters -= this.#lines.shift()?.length ?? 0;
		}
	}

	/** Into a new file: never over one that is there, and what was said is nobody else's to read. */
	async save(file: string): Promise<void> {
		await writeFile(file, this.text, { flag: "wx", mode: 0o600 });
	}
}
