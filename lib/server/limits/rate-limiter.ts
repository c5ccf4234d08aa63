import { ExpiringMap } from "../../util/expiring-map.ts";
import { networkOf } from "./ip-address.ts";

/** `perSecond` tokens flow in, up to `burst`, and each message takes one out. */
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

	/** Takes a token, on credit if there is none. */
	take(): void {
		this.#tokens--;
	}

	/** Whether more tokens were taken than flowed in. */
	isOverdrawn(now: number): boolean {
		const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond;
		this.#tokens = Math.min(this.#burst, filled);
		this.#filledAt = now;
		return this.#tokens < 0;
	}
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Beyond it the key tried longest ago is forgotten, so that inventing keys costs no memory. */
const MAX_KEYS = 10_000;

/** At most `max` attempts in any `window` milliseconds, for each key. */
export class SlidingWindowLimiter {
	readonly #max: number;
	readonly #window: number;
	/** Times of each key's attempts that still count, in milliseconds. */
	readonly #times: ExpiringMap<string, readonly number[]>;

	constructor(max: number, window: number) {
		this.#max = max;
		this.#window = window;
		this.#times = new ExpiringMap(MAX_KEYS, window);
	}

	/** Milliseconds until the key may try again, and 0 when this attempt is allowed and counted. */
	attempt(key: string, now: number): number {
		const times = this.#times.get(key, now) ?? [];
		const recent = times.filter((time) => now - time < this.#window);
		const oldest = recent.at(-this.#max);
		if (oldest === undefined) recent.push(now);
		// A refused attempt, too, keeps its key among the newest.
		this.#times.set(key, recent, now);
		return oldest === undefined ? 0 : oldest + this.#window - now;
	}
}

/** Limits attempts of one account, and from one network. */
export class AccountAndIpLimiter {
	readonly #byAccount: SlidingWindowLimiter;
	readonly #byNetwork: SlidingWindowLimiter;

	constructor(perAccount: number, perNetwork: number, window: number) {
		this.#byAccount = new SlidingWindowLimiter(perAccount, window);
		this.#byNetwork = new SlidingWindowLimiter(perNetwork, window);
	}

	/**
	 * Milliseconds until the next attempt is allowed, and 0 when this one is allowed and counted; `account`
	 * may be null. What a network may not do does not count against an account.
	 */
	attempt(account: string | null, ip: string, now: number): number {
		const byNetwork = this.#byNetwork.attempt(networkOf(ip), now);
		return byNetwork > 0 || account === null ? byNetwork : this.#byAccount.attempt(account, now);
	}
}
