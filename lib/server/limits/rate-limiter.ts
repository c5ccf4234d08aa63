import { ExpiringMap } from "../../util/expiring-map.ts";
import { networkOf } from "./ip-address.ts";

// Written by hand: the limiters take the time as an argument, and their memory is bounded however many
// keys strangers invent.

/** Tokens flow in at `perSecond`, up to `burst`, and each message takes one out. */
export class TokenBucket {
	readonly #perSecond: number;
	readonly #burst: number;
	#tokens: number;
	#filledAt: number;

	/** `now` is in milliseconds. */
	constructor(perSecond: number, burst: number, now: number) {
		this.#perSecond = perSecond;
		this.#burst = burst;
		this.#tokens = burst;
		this.#filledAt = now;
	}

	/** Takes tokens, on credit if there are none. */
	take(count: number, now: number): void {
		this.#fill(now);
		this.#tokens -= count;
	}

	/** Whether more tokens were taken than flowed in. */
	isOverdrawn(now: number): boolean {
		this.#fill(now);
		return this.#tokens < 0;
	}

	#fill(now: number): void {
		const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond;
		this.#tokens = Math.min(this.#burst, filled);
		this.#filledAt = now;
	}
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Beyond it we forget the key tried longest ago, so that inventing keys costs us no memory. */
const MAX_KEYS = 10_000;

/** Allows each key at most `max` attempts in any `window` milliseconds. */
export class SlidingWindowLimiter {
	readonly #max: number;
	readonly #window: number;
	/** When each key made the attempts that still count, in milliseconds. */
	readonly #times: ExpiringMap<string, readonly number[]>;

	constructor(max: number, window: number) {
		this.#max = max;
		this.#window = window;
		this.#times = new ExpiringMap(MAX_KEYS, window);
	}

	/** Counts an attempt and returns 0, or returns the milliseconds until the key may try again. */
	attempt(key: string, now: number): number {
		const times = this.#times.get(key, now) ?? [];
		const recent = times.filter((time) => now - time < this.#window);
		const oldest = recent.at(-this.#max);
		if (oldest === undefined) recent.push(now);
		// A rejected attempt, too, keeps its key among the newest.
		this.#times.set(key, recent, now);
		return oldest === undefined ? 0 : oldest + this.#window - now;
	}
}

/** Limits the attempts for each account and from each network. */
export class AccountAndIpLimiter {
	readonly #byAccount: SlidingWindowLimiter;
	readonly #byNetwork: SlidingWindowLimiter;

	constructor(perAccount: number, perNetwork: number, window: number) {
		this.#byAccount = new SlidingWindowLimiter(perAccount, window);
		this.#byNetwork = new SlidingWindowLimiter(perNetwork, window);
	}

	/**
	 * Counts an attempt and returns 0, or returns the milliseconds until the next one is allowed.
	 * `account` may be null, to count the network alone. An attempt that the network's limit rejects
	 * does not count against the account.
	 */
	attempt(account: string | null, ip: string, now: number): number {
		const byNetwork = this.#byNetwork.attempt(networkOf(ip), now);
		return byNetwork > 0 || account === null ? byNetwork : this.#byAccount.attempt(account, now);
	}
}
