/** Things that arrive by callback, to be taken one by one with `for await`. One taker at a time. */
export class Queue<T> implements AsyncIterableIterator<T, void> {
	/** What has arrived and not been taken. */
	#items: T[] = [];
	#taken = 0;
	#ending: { error: unknown } | "clean" | undefined;
	#taker: PromiseWithResolvers<IteratorResult<T, void>> | undefined;

	get length(): number {
		return this.#items.length - this.#taken;
	}

	push(item: T): void {
		if (this.#ending !== undefined) return;
		if (!this.#taker) return void this.#items.push(item);
		this.#taker.resolve({ done: false, value: item });
		this.#taker = undefined;
	}

	/** Nothing more will come; what has come can still be taken, and then the error, if any. */
	end(error?: unknown): void {
		if (this.#ending !== undefined) return;
		this.#ending = error === undefined ? "clean" : { error };
		if (!this.#taker) return;
		const { resolve, reject } = this.#taker;
		this.#taker = undefined;
		if (error === undefined) resolve({ done: true, value: undefined });
		else reject(error);
	}

	async next(): Promise<IteratorResult<T, void>> {
		const value = this.#items[this.#taken];
		if (value !== undefined) {
			if (++this.#taken === this.#items.length) {
				this.#items = [];
				this.#taken = 0;
			}
			return { done: false, value };
		}
		if (this.#ending === "clean") return { done: true, value: undefined };
		if (this.#ending) throw this.#ending.error;
		this.#taker = Promise.withResolvers();
		return this.#taker.promise;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}
}
