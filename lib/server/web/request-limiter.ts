/** Requests that one network may make within a window: about a hundred browsers that open the page. */
const MAX_REQUESTS = 1000;
/** Milliseconds. */
const WINDOW = 10_000;

/** Bounds the requests of each network. They cost little, so one window serves all. */
export class RequestLimiter {
	readonly #counts = new Map<string, number>();
	#endsAt = 0;

	/** Counts a request, and returns whether it may be served. `now` is in monotonic milliseconds. */
	take(network: string, now: number): boolean {
		if (now >= this.#endsAt) {
			this.#counts.clear();
			this.#endsAt = now + WINDOW;
		}
		const count = (this.#counts.get(network) ?? 0) + 1;
		this.#counts.set(network, count);
		return count <= MAX_REQUESTS;
	}
}
