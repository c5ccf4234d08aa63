/** Connections after which it pays: each leaves some 10 KiB of garbage. */
const CROWD = 256;
/** Ticks without a new connection, after which the crowd is in. */
const CALM = 4;

/**
 * Collects the garbage of a crowd's logins once the crowd is in. The runtime collects when a program
 * allocates, and a room that has become quiet would keep those pages for as long as it lasts.
 */
export class LoginGarbage {
	readonly #collect: () => void;
	#connections = 0;
	#calmTicks = 0;

	constructor(collect = () => Bun.gc(true)) {
		this.#collect = collect;
	}

	/** Call for each new connection. */
	count(): void {
		this.#connections++;
		this.#calmTicks = 0;
	}

	/** Call regularly. */
	tick(): void {
		if (this.#connections < CROWD || ++this.#calmTicks < CALM) return;
		this.#connections = 0;
		this.#collect();
	}
}
