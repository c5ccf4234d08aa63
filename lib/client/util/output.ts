import type { Writable } from "node:stream";

/** Writes to a stream whose reader may be slow, so that what waits for the reader has a bound. */
export class Output {
	readonly #stream: Writable;
	#hasReader = true;
	/** Resolved when the reader has caught up; undefined while it keeps up. */
	#caughtUp: PromiseWithResolvers<void> | undefined;

	constructor(stream: Writable) {
		this.#stream = stream;
		stream.on("drain", () => this.#goOn());
		// The reader is gone, so no drain event will follow; nor need a close event follow an error.
		for (const event of ["close", "error"]) {
			stream.on(event, () => {
				this.#hasReader = false;
				this.#goOn();
			});
		}
	}

	write(text: string): void {
		// Not `writableNeedDrain`: the runtime's standard output always says false.
		const keepsUp = this.#stream.write(text);
		if (!keepsUp && this.#hasReader) this.#caughtUp ??= Promise.withResolvers();
	}

	/** Resolves when the reader has caught up. Await it before writing much. */
	async ready(): Promise<void> {
		await this.#caughtUp?.promise;
	}

	#goOn(): void {
		this.#caughtUp?.resolve();
		this.#caughtUp = undefined;
	}
}
