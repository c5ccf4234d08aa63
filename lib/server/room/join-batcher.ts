/**
 * From this size on, members join and leave together: each change sends everybody a new key, so a
 * crowd that came one by one would cost the square of the room.
 */
const BATCHED_FROM = 256;

/** Runs joins and leaves: at once, or in a large room all those of a moment together. */
export class JoinBatcher {
	readonly #size: () => number;
	#waiting: (() => void)[] = [];

	/** `size` returns the number of members in the room. */
	constructor(size: () => number) {
		this.#size = size;
	}

	schedule(step: () => void): void {
		if (this.#size() < BATCHED_FROM) step();
		else this.postpone(step);
	}

	/** Lets a step wait for the next `drain`. */
	postpone(step: () => void): void {
		this.#waiting.push(step);
	}

	/** Call regularly: returns the steps that were waiting, for the caller to run. */
	drain(): (() => void)[] {
		const waiting = this.#waiting;
		this.#waiting = [];
		return waiting;
	}
}
