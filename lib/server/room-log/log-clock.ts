import { type Clocks, withoutStepsBack } from "../../util/clock.ts";
import type { Stamp } from "./room-log.ts";

const MINUTE = 60_000;
const START: Stamp = { at: 0, time: 0 };

/** Makes the stamps of a log whose entries get their places in this process. */
export class LogClock {
	readonly #clocks: Clocks;
	readonly #steady: Clocks;
	readonly #warn: (sentence: string) => void;
	/** What the monotonic clock shows when the log's time is 0. */
	readonly #origin: number;
	#isAhead = false;

	/** Continues after `last`, the stamp of the last entry that an earlier server made. */
	constructor(clocks: Clocks, warn: (sentence: string) => void, last: Stamp = START) {
		this.#clocks = clocks;
		this.#steady = withoutStepsBack(clocks, last.at);
		this.#warn = warn;
		this.#origin = clocks.now() - last.time;
	}

	stamp(): Stamp {
		const at = this.#steady.wallNow();
		this.#watch(at - this.#clocks.wallNow());
		return { at, time: Math.floor(this.#clocks.now() - this.#origin) };
	}

	/** Says once that the clock was set back, and again only if that happens after it has caught up. */
	#watch(ahead: number): void {
		if (ahead <= 0) this.#isAhead = false;
		if (ahead <= MINUTE || this.#isAhead) return;
		this.#isAhead = true;
		const minutes = Math.round(ahead / MINUTE);
		this.#warn(
			`This machine's clock was set back: it is ${minutes} min behind the times that the room has shown. Check that it is right now. A room's times never go back: they go on at half speed until the clock has caught up, in ${2 * minutes} min. Only a new room has the right times at once.`,
		);
	}
}
