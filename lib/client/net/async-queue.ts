import { Queue } from "../../util/queue.ts";

/** Items that arrive by callback and are awaited one by one with `next`. One taker at a time. */
export class AsyncQueue<T> {
	readonly #items = new Queue<T>();
	#ending: { error: unknown } | "clean" | undefined;
	#taker: PromiseWithResolvers<IteratorResult<T, void>> | undefined;

	/** How many items have arrived but were not taken yet. */
	get length(): number {
		return this.#items.length;
	}

	push(item: T): void {
		if (this.#ending !== undefined) return;
		if (!this.#taker) return this.#items.push(item);
		this.#taker.resolve({ done: false, value: item });
		this.#taker = undefined;
	}

	/** No item will follow. `next` still gives those that are here, then throws `error`, if any. */
	end(error?: unknown): void {
		if (this.#ending !== undefined) return;
		this.#ending = error === undefined ? "clean" : { error };
		if (!this.#taker) return;
		if (error === undefined) this.#taker.resolve({ done: true, value: undefined });
		else this.#taker.reject(error);
	}

	async next(): Promise<IteratorResult<T, void>> {
		const value = this.#items.shift();
		if (value !== undefined) return { done: false, value };
		if (this.#ending === "clean") return { done: true, value: undefined };
		if (this.#ending) throw this.#ending.error;
		this.#taker = Promise.withResolvers();
		return this.#taker.promise;
	}
}
