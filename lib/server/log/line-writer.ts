import { write } from "node:fs";

/** Once this many characters wait for a slow reader, we take no more. */
const MAX_WAITING = 1024 * 1024;

/**
 * Writes lines to a file, a pipe or a terminal. A reader that is slow, has stopped or has gone
 * holds nobody up: if a write could block, pausing the terminal would pause the whole room.
 */
export class LineWriter {
	readonly #descriptor: number;
	#waiting = "";
	#isWriting = false;
	/** Called once nothing waits. */
	#done = (): void => {};

	constructor(descriptor: number) {
		this.#descriptor = descriptor;
	}

	/** Takes a line; returns false if too much is waiting already. */
	write(line: string): boolean {
		if (this.#waiting.length >= MAX_WAITING) return false;
		this.#waiting += `${line}\n`;
		if (!this.#isWriting) this.#writeAll();
		return true;
	}

	/** Resolves when everything is written, or after `timeout` milliseconds. */
	async flush(timeout: number): Promise<void> {
		if (!this.#isWriting) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#done = resolve;
		await Promise.race([promise, Bun.sleep(timeout)]);
	}

	#writeAll(): void {
		this.#isWriting = this.#waiting !== "";
		if (!this.#isWriting) return this.#done();
		const bytes = Buffer.from(this.#waiting);
		this.#waiting = "";
		this.#writeBytes(bytes);
	}

	/** Drops what cannot be written: if nobody reads it, or nothing fits, there is nobody to tell. */
	#writeBytes(bytes: Buffer): void {
		write(this.#descriptor, bytes, (error, count) => {
			const rest = bytes.subarray(count);
			if (error || rest.length === 0) this.#writeAll();
			else this.#writeBytes(rest);
		});
	}
}
