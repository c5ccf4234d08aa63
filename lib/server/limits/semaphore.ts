import { ChatError } from "../../util/errors.ts";

/** The limit on waiting tasks is reached. */
export class QueueFull extends ChatError {
	constructor() {
		super("queue_full", "Too many tasks are already waiting for their turn.");
	}
}

/** Lets a fixed number of tasks run at once; a bounded number may wait for their turn. */
export class Semaphore {
	#free: number;
	readonly #maxWaiting: number;
	readonly #waiting: (() => void)[] = [];

	constructor(permits: number, maxWaiting: number) {
		this.#free = permits;
		this.#maxWaiting = maxWaiting;
	}

	/** Runs `task` once a place is free. Throws QueueFull. */
	async run<T>(task: () => Promise<T>): Promise<T> {
		if (this.#free > 0) this.#free--;
		else if (this.#waiting.length < this.#maxWaiting) {
			await new Promise<void>((resolve) => this.#waiting.push(resolve));
		} else {
			throw new QueueFull();
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
