import { COMMAND_TIME, RedisGone } from "../redis/redis-connection.ts";

/** Records that are read at once at most. */
const MAX_COUNT = 64;
/** Milliseconds that a single record, which may be as large as a page, may take on its way. */
const MAX_TIME = 60_000;
/** A page that took less than this share of its time may be followed by a larger one. */
const QUICK = 1 / 8;

/**
 * How many records are read at once. Over a slow network a large page would never arrive in time: when
 * one has not, fewer are asked for, and have more time.
 */
export class PageSize {
	#count = MAX_COUNT;

	get count(): number {
		return this.#count;
	}

	/** As RedisConnection has it. */
	get patience(): number {
		return this.#time - COMMAND_TIME;
	}

	/** Milliseconds that a page of this size may take on its way. */
	get #time(): number {
		return Math.min((COMMAND_TIME * MAX_COUNT) / this.#count, MAX_TIME);
	}

	/** Reads a page. If it does not arrive, the next is smaller. */
	async read<T>(ask: () => Promise<T>): Promise<T> {
		try {
			return await ask();
		} catch (error) {
			if (error instanceof RedisGone) this.#count = Math.ceil(this.#count / 2);
			throw error;
		}
	}

	/** A page has arrived, in so many milliseconds. */
	arrived(milliseconds: number): void {
		if (milliseconds < QUICK * this.#time) this.#count = Math.min(2 * this.#count, MAX_COUNT);
	}
}
