import { write } from "node:fs";

/** Characters that wait for a slow reader, from which on no more are taken. */
const MAX_WAITING = 1024 * 1024;

/**
 * Lines on their way into a file, a pipe or a terminal. Whoever reads them slowly, has stopped to,
 * or has gone, holds nobody up: a write to a terminal that is held still would otherwise hold the
 * whole room.
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

	/** Takes a line; false when too much waits already. */
	write(line: string): boolean {
		if (this.#waiting.length >= MAX_WAITING) return false;
		this.#waiting += `${line}\n`;
		if (!this.#isWriting) this.#writeAll();
		return true;
	}

	/** Resolves when all is written, or after so many milliseconds. */
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

	/** What cannot be written is lost: where nobody reads, or nothing fits, there is nobody to tell. */
	#writeBytes(bytes: Buffer): void {
		write(this.#descriptor, bytes, (error, count) => {
			const rest = bytes.subarray(count);
			if (error || rest.length === 0) this.#writeAll();
			else this.#writeBytes(rest);
		});
	}
}
