/** So many members more than the last time: fewer leave too little. */
const CROWD = 512;

/** What frees memory, and keeps the server still meanwhile. */
interface Collector {
	/** Collects garbage at once. */
	readonly collect: () => void;
	/** Collects it when the server is idle, and drops the code that no call is in. */
	readonly shrink: () => void;
}

const RUNTIME: Collector = {
	collect: () => Bun.gc(true),
	shrink: () => Bun.shrink(),
};

/**
 * Collects garbage while a crowd logs in or comes back. Otherwise what lasts of each member would lie
 * scattered among its garbage, in pages that the process could not return for as long as the room
 * lasts. The server stands still meanwhile, so only members cause it, and no strangers.
 */
export class LoginGarbage {
	readonly #collector: Collector;
	/** The fewest members that were connected since the last time. */
	#least = 0;
	/** The crowd may still be coming. */
	#isCrowded = false;

	constructor(collector = RUNTIME) {
		this.#collector = collector;
	}

	/** Call regularly, with how many members and how many strangers are connected. */
	tick(members: number, strangers: number): void {
		this.#least = Math.min(this.#least, members);
		if (members - this.#least >= CROWD) {
			this.#least = members;
			this.#isCrowded = true;
			this.#collector.collect();
		} else if (this.#isCrowded && strangers === 0) {
			// Everybody is in: what was made for so many logins at a time is not needed any more.
			this.#least = members;
			this.#isCrowded = false;
			this.#collector.shrink();
		}
	}
}
