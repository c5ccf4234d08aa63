/** A queue whose `shift` costs the same however long it is; an array's moves all that is behind. */
export class Fifo<T> implements Iterable<T> {
	#items: (T | undefined)[] = [];
	#first = 0;

	get length(): number {
		return this.#items.length - this.#first;
	}

	/** The one that `shift` would take. */
	get first(): T | undefined {
		return this.#items[this.#first];
	}

	push(item: T): void {
		this.#items.push(item);
	}

	shift(): T | undefined {
		const item = this.first;
		// What is taken is let go, its place only with the larger half: each item is moved once at most.
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
