import { ChatError } from "../../util/errors.ts";

/** A number of places, and a bounded queue of those who wait for one. */
export class Semaphore {
	#free: number;
	readonly #maxWaiting: number;
	readonly #waiting: (() => void)[] = [];

	constructor(places: number, queue: number) {
		this.#free = places;
		this.#maxWaiting = queue;
	}

	/** Runs `task` when there is a place. Throws ChatError `queue_full` when the queue is full. */
	async run<T>(task: () => Promise<T>): Promise<T> {
		if (this.#free > 0) this.#free--;
		else if (this.#waiting.length < this.#maxWaiting) {
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		} else {
			throw new ChatError("queue_full", "too many wait for their turn already");
		}
		try {
			return await task();
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#free++;
		}
	}
}
