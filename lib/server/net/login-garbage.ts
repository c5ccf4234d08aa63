/** So many members more than the last time: fewer leave too little. */
const CROWD = 512;

/** What frees memory, and keeps the server still meanwhile. */
interface Collector {
	/** Collects garbage at once. */
	readonly collect: () => void;
	/** Collects it, and drops compiled code, once the call that asks for it is over. */
	readonly shrink: () => void;
}

const RUNTIME: Collector = {
	collect: () => Bun.gc(true),
	shrink: () => Bun.shrink(),
};

/**
 * Collects garbage while a crowd logs in or comes back. Otherwise what lasts of each member would lie
 * scattered among its garbage, in pages that the process could not return for as long as the room
 * lasts. Once everybody is in, gives back what so many logins at once took. The server stands still
 * for a moment each time, so only members cause it: a stranger can do no more than put off the second.
 */
export class LoginGarbage {
	readonly #collector: Collector;
	/** The fewest members that were connected since the last time. */
	#least = 0;
	/** The crowd may still be coming. */
	#isCrowded = false;
	/** The most members for whom memory was given back. */
	#most = 0;

	constructor(collector = RUNTIME) {
		this.#collector = collector;
	}

	/** Call regularly, with how many members and how many others are connected. */
	tick(members: number, others: number): void {
		this.#least = Math.min(this.#least, members);
		if (members - this.#least >= CROWD) {
			this.#least = members;
			this.#isCrowded = true;
			this.#collector.collect();
		} else if (this.#isCrowded && others === 0) {
			this.#isCrowded = false;
			// A crowd that only comes back would have all code compiled anew each time.
			if (members <= this.#most) return;
			this.#least = members;
			this.#most = members;
			this.#collector.shrink();
		}
	}
}
