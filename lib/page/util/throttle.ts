/** Runs an action some time after it was asked for, once for all who ask meanwhile. */
export class Throttle {
	readonly #interval: number;
	readonly #action: () => void;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** `interval`: milliseconds. */
	constructor(interval: number, action: () => void) {
		this.#interval = interval;
		this.#action = action;
	}

	request(): void {
		this.#timer ??= setTimeout(() => this.runNow(), this.#interval);
	}

	runNow(): void {
		this.stop();
		this.#action();
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}
