/**
 * From this size on, members join and leave together: each change sends everybody a new key, so a
 * crowd that came one by one would cost the square of the room.
 */
const BATCHED_FROM = 256;
/**
 * How many milliseconds after the last joins and leaves the next may follow, for each member of the
 * room. Telling everybody takes about a tenth of that, so a crowd at the door cannot hold up a room
 * however large it is.
 */
const PAUSE = 0.1;

/** Runs joins and leaves: at once, or in a large room all those of a moment together. */
export class JoinBatcher {
	readonly #size: () => number;
	/** Joins and leaves that wait for those before them to be over. */
	#batch: (() => void)[] = [];
	#postponed: (() => void)[] = [];
	/** When the last batch was handed out, in monotonic milliseconds. */
	#ranAt = Number.NEGATIVE_INFINITY;

	/** `size` returns the number of members in the room. */
	constructor(size: () => number) {
		this.#size = size;
	}

	/** Runs a join or a leave now, or lets it wait for its batch. */
	schedule(step: () => void): void {
		if (this.#size() < BATCHED_FROM) step();
		else this.#batch.push(step);
	}

	/** Lets a step that is not for everybody wait for the next `drain`. */
	postpone(step: () => void): void {
		this.#postponed.push(step);
	}

	/** Call regularly, with monotonic milliseconds: returns the steps to run now. */
	drain(now: number): (() => void)[] {
		const steps = this.#postponed;
		this.#postponed = [];
		if (this.#batch.length === 0 || now - this.#ranAt < this.#size() * PAUSE) return steps;
		this.#ranAt = now;
		const batch = this.#batch;
		this.#batch = [];
		return [...steps, ...batch];
	}
}
