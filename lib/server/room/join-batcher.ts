/**
 * From this size on, members join and leave together: each change sends everybody a new key, so a
 * crowd that came one by one would cost the square of the room.
 */
const BATCHED_FROM = 256;
/**
 * Milliseconds between two batches, for each member of the room: to tell everybody of those who have
 * come takes about a fifth of that. A client waits 2 s for the answer to its goodbye.
 */
const PAUSE = 0.05;

/** Milliseconds between two changes of who is in a room with so many members. */
export const batchPause = (size: number): number => (size < BATCHED_FROM ? 0 : size * PAUSE);

/** Runs joins and leaves: at once, or in a large room all those of a moment together. */
export class JoinBatcher {
	readonly #size: () => number;
	readonly #run: (step: () => void) => void;
	/** Joins and leaves that wait to happen together. */
	#batch: (() => void)[] = [];
	#postponed: (() => void)[] = [];
	/** When the last batch was handed out, in monotonic milliseconds. */
	#ranAt = Number.NEGATIVE_INFINITY;

	/** `size` returns the number of members in the room; `run` runs a step that has waited. */
	constructor(size: () => number, run: (step: () => void) => void) {
		this.#size = size;
		this.#run = run;
	}

	/** Runs a join or a leave now, or lets it wait for its batch. */
	schedule(step: () => void): void {
		if (batchPause(this.#size()) === 0) step();
		else this.#batch.push(step);
	}

	/** Lets a step that the others are not told of wait for the next `drain`. */
	postpone(step: () => void): void {
		this.#postponed.push(step);
	}

	/** Call regularly, with monotonic milliseconds: runs what need not wait any longer. */
	drain(now: number): void {
		const steps = this.#postponed;
		this.#postponed = [];
		if (this.#batch.length > 0 && now - this.#ranAt >= batchPause(this.#size())) {
			this.#ranAt = now;
			steps.push(...this.#batch);
			this.#batch = [];
		}
		for (const step of steps) this.#run(step);
	}
}
