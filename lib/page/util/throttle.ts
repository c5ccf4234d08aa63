/** Runs an action some time after it was asked for, once for all who ask meanwhile. */
export class Throttle {
	readonly #interval: number;
	readonly #action: () => void;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#isClosed = false;

	/** `interval`: milliseconds. */
	constructor(interval: number, action: () => void) {
		this.#interval = interval;
		this.#action = action;
	}

	request(): void {
		if (!this.#isClosed) this.#timer ??= setTimeout(() => this.runNow(), this.#interval);
	}

	runNow(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#action();
	}

	/** Drops what was asked for, and whatever is asked for from now on. */
	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
	}
}
