/**
 * Members from which on people come and go together: everybody is told a new key each time, so one
 * by one a crowd would cost the square of the room.
 */
const LARGE = 256;

/** Who comes and who goes: at once, or in a large room with all who do so within a moment. */
export class Crossing {
	readonly #size: () => number;
	#waiting: (() => void)[] = [];

	/** `size`: members in the room. */
	constructor(size: () => number) {
		this.#size = size;
	}

	cross(step: () => void): void {
		if (this.#size() < LARGE) step();
		else this.#waiting.push(step);
	}

	/** Call now and then: gives what has been waiting. */
	take(): (() => void)[] {
		const waiting = this.#waiting;
		this.#waiting = [];
		return waiting;
	}
}
