/** Milliseconds. */
const WINDOW = 10_000;
/** Requests of a browser that opens the page: its files, a WebSocket, and another one at a break. */
const PER_BROWSER = 8;

/** Bounds the requests of each network. They cost little, so one window serves all. */
export class RequestLimiter {
	readonly #max: number;
	readonly #counts = new Map<string, number>();
	#endsAt = 0;

	/** `browsers`: how many of one network may open the page within a window. */
	constructor(browsers: number) {
		this.#max = PER_BROWSER * browsers;
	}

	/** Counts a request, and returns whether it may be served. `now` is in monotonic milliseconds. */
	take(network: string, now: number): boolean {
		if (now >= this.#endsAt) {
			this.#counts.clear();
			this.#endsAt = now + WINDOW;
		}
		const count = (this.#counts.get(network) ?? 0) + 1;
		this.#counts.set(network, count);
		return count <= this.#max;
	}
}
