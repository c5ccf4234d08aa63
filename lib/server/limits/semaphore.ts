import { ChatError } from "../../util/errors.ts";

/** Lets a fixed number of tasks run at once; a bounded number may wait for their turn. */
export class Semaphore {
	#free: number;
	readonly #maxWaiting: number;
	readonly #waiting: (() => void)[] = [];

	constructor(places: number, queue: number) {
		this.#free = places;
		this.#maxWaiting = queue;
	}

	/** Runs `task` once a place is free. Throws ChatError `queue_full` if the queue is full. */
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
