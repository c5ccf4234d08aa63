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

	/** Runs `task` when there is a place. Throws ChatError `busy` when the queue is full. */
	async run<T>(task: () => Promise<T>): Promise<T> {
		if (this.#free > 0) this.#free--;
		else if (this.#waiting.length < this.#maxWaiting) {
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		} else {
			throw new ChatError("busy", "too many logins are being checked; try again in a minute");
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
