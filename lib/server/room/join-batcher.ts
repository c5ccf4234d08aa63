/**
 * Members from which on people come and go together: everybody is told a new key each time, so one
 * by one a crowd would cost the square of the room.
 */
const BATCHED_FROM = 256;

/** Who comes and who goes: at once, or in a large room with all who do so within a moment. */
export class JoinBatcher {
	readonly #size: () => number;
	#waiting: (() => void)[] = [];

	/** `size`: members in the room. */
	constructor(size: () => number) {
		this.#size = size;
	}

	schedule(step: () => void): void {
		if (this.#size() < BATCHED_FROM) step();
		else this.#waiting.push(step);
	}

	/** Call now and then: gives what has been waiting. */
	drain(): (() => void)[] {
		const waiting = this.#waiting;
		this.#waiting = [];
		return waiting;
	}
}
