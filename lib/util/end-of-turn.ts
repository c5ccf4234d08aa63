/** Has something to do once the current turn of the event loop is over. */
export interface Flushable {
	flush(): void;
}

/** Flushes what a turn of the event loop has filled, once all else in that turn is done. */
export class EndOfTurn {
	readonly #flush: (item: Flushable) => void;
	#scheduled: Flushable[] = [];

	/** `flush` flushes one item, and must not throw. */
	constructor(flush: (item: Flushable) => void = (item) => item.flush()) {
		this.#flush = flush;
	}

	schedule(item: Flushable): void {
		if (this.#scheduled.length === 0) setImmediate(() => this.#flushAll());
		this.#scheduled.push(item);
	}

	#flushAll(): void {
		// Includes what the flushing itself schedules.
		for (const item of this.#scheduled) this.#flush(item);
		this.#scheduled = [];
	}
}
