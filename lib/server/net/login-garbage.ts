/** Members that have joined since the last time, from which on it pays. */
const CROWD = 512;

/**
 * Collects the garbage that a crowd's logins leave, while the crowd comes: what stays of them shares
 * its pages otherwise, and these would be the process's for as long as the room lasts. Strangers
 * cannot cause it, only members who have joined.
 */
export class LoginGarbage {
	readonly #collect: () => void;
	/** The fewest members since the last time. */
	#members = 0;

	constructor(collect = () => Bun.gc(true)) {
		this.#collect = collect;
	}

	/** Call regularly, with how many members there are. */
	tick(members: number): void {
		this.#members = Math.min(this.#members, members);
		if (members - this.#members < CROWD) return;
		this.#members = members;
		this.#collect();
	}
}
