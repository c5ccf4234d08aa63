/** First in, first out. `shift` costs the same at any length; an array's moves all the rest. */
export class Queue<T> implements Iterable<T> {
	#items: (T | undefined)[] = [];
	#first = 0;

	get length(): number {
		return this.#items.length - this.#first;
	}

	/** The item that `shift` would take. */
	get first(): T | undefined {
		return this.#items[this.#first];
	}

	/** The item that comes `index` places after the first. */
	at(index: number): T | undefined {
		return this.#items[this.#first + index];
	}

	push(item: T): void {
		this.#items.push(item);
	}

	shift(): T | undefined {
		const item = this.first;
		// Release the item now; reclaim its slot once half are empty, so that each moves at most once.
		if (this.#first < this.#items.length) this.#items[this.#first++] = undefined;
		if (this.#first * 2 > this.#items.length) {
			this.#items = this.#items.slice(this.#first);
			this.#first = 0;
		}
		return item;
	}

	*[Symbol.iterator](): Iterator<T> {
		for (let index = this.#first; index < this.#items.length; index++) {
			const item = this.#items[index];
			if (item !== undefined) yield item;
		}
	}
}
