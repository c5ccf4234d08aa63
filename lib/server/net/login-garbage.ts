/** So many members more than the last time: fewer leave too little. */
const CROWD = 512;

/**
 * Collects garbage while a crowd logs in or comes back. Otherwise what lasts of each member would lie
 * scattered among its garbage, in pages that the process could not return for as long as the room
 * lasts. The server stands still meanwhile, so only members cause it, and no strangers.
 */
export class LoginGarbage {
	readonly #collect: () => void;
	/** The fewest members that were connected since the last time. */
	#least = 0;

	constructor(collect = () => Bun.gc(true)) {
		this.#collect = collect;
	}

	/** Call regularly, with how many members are connected. */
	tick(connected: number): void {
		this.#least = Math.min(this.#least, connected);
		if (connected - this.#least < CROWD) return;
		this.#least = connected;
		this.#collect();
	}
}
