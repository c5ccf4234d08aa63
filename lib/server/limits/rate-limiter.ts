import { networkOf } from "./ip-address.ts";

/** A bucket of tokens: `perSecond` flow in, up to `burst`, and each thing done takes one out. */
export class TokenBucket {
	readonly #perSecond: number;
	readonly #burst: number;
	#tokens: number;
	#filledAt: number;

	/** `now` in milliseconds. */
	constructor(perSecond: number, burst: number, now: number) {
		this.#perSecond = perSecond;
		this.#burst = burst;
		this.#tokens = burst;
		this.#filledAt = now;
	}

	/** Takes a token, on credit if need be. */
	take(): void {
		this.#tokens--;
	}

	/** Whether more was taken than has flowed in. */
	isOverdrawn(now: number): boolean {
		const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond;
		this.#tokens = Math.min(this.#burst, filled);
		this.#filledAt = now;
		return this.#tokens < 0;
	}
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Keys remembered; beyond it the oldest is forgotten, so that many keys cost no more than this. */
const MAX_KEYS = 10_000;

/** Attempts in the last while, by whatever they are to be limited by. */
export class SlidingWindowLimiter {
	readonly #max: number;
	/** How long attempts count, in milliseconds. */
	readonly #window: number;
	/** Times of attempts, milliseconds; the key tried longest ago comes first. */
	readonly #times = new Map<string, number[]>();

	constructor(most: number, window: number) {
		this.#max = most;
		this.#window = window;
	}

	/** Milliseconds until the key may try again, and 0 when this attempt is allowed and counted. */
	attempt(key: string, now: number): number {
		const recent = (this.#times.get(key) ?? []).filter((time) => now - time < this.#window);
		this.#times.delete(key);
		const oldest = recent.at(-this.#max);
		if (oldest === undefined) recent.push(now);
		this.#times.set(key, recent);
		if (this.#times.size > MAX_KEYS) {
			for (const first of this.#times.keys()) {
				this.#times.delete(first);
				break;
			}
		}
		return oldest === undefined ? 0 : oldest + this.#window - now;
	}
}

/** How often something may be done: for one account, and from one network. */
export class AccountAndIpLimiter {
	readonly #byAccount: SlidingWindowLimiter;
	readonly #byNetwork: SlidingWindowLimiter;

	constructor(perAccount: number, perNetwork: number, window: number) {
		this.#byAccount = new SlidingWindowLimiter(perAccount, window);
		this.#byNetwork = new SlidingWindowLimiter(perNetwork, window);
	}

	/**
	 * Milliseconds until it may be done, and 0 when it may and is counted; no account is null. What a
	 * network may not do does not count against anybody's account.
	 */
	attempt(account: string | null, ip: string, now: number): number {
		const byNetwork = this.#byNetwork.attempt(networkOf(ip), now);
		return byNetwork > 0 || account === null ? byNetwork : this.#byAccount.attempt(account, now);
	}
}
