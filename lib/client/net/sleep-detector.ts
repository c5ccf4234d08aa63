import { type Clocks, systemClocks } from "../../util/clock.ts";

/** Milliseconds that the wall clock must have gained; less is a correction of it. */
const MIN_GAIN = 2000;

/**
 * Notices that the machine was suspended: meanwhile the monotonic clock stands still, and the wall
 * clock does not. It looks the same when somebody has set the clock.
 */
export class SleepDetector {
	readonly #clocks: Clocks;
	#lead: number;

	constructor(clocks = systemClocks) {
		this.#clocks = clocks;
		this.#lead = this.#measure();
	}

	/** Whether the machine seems to have slept since the last call. */
	hasSlept(): boolean {
		const before = this.#lead;
		this.#lead = this.#measure();
		return this.#lead - before >= MIN_GAIN;
	}

	/** By how many milliseconds the wall clock is ahead of the monotonic one. */
	#measure(): number {
		return this.#clocks.wallNow() - this.#clocks.now();
	}
}
