import type { Writable } from "node:stream";

/** Writes to a stream whose reader may be slow, so that what waits for the reader has a bound. */
export class Output {
	readonly #stream: Writable;
	/** Resolved when the reader has caught up; undefined while it keeps up. */
	#caughtUp: PromiseWithResolvers<void> | undefined;

	constructor(stream: Writable) {
		this.#stream = stream;
		const resolve = (): void => {
			this.#caughtUp?.resolve();
			this.#caughtUp = undefined;
		};
		stream.on("drain", resolve);
		// The reader is gone, so no drain event will follow.
		stream.on("close", resolve);
	}

	write(text: string): void {
		// Not `writableNeedDrain`: the runtime's standard output always says false.
		if (!this.#stream.write(text)) this.#caughtUp ??= Promise.withResolvers();
	}

	/** Resolves when the reader has caught up. Await it before writing much. */
	async ready(): Promise<void> {
		await this.#caughtUp?.promise;
	}
}
