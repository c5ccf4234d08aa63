/** Runs an action some time after it was asked for, once for all who ask meanwhile. */
export class Throttle {
	readonly #action: () => void;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#isClosed = false;

	constructor(action: () => void) {
		this.#action = action;
	}

	/** `interval`: milliseconds. */
	request(interval: number): void {
		if (!this.#isClosed) this.#timer ??= setTimeout(() => this.runNow(), interval);
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
