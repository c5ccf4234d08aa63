import { ExpiringMap } from "../../util/expiring-map.ts";

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

	/** Takes tokens, on credit if there are too few. */
	take(count: number, now: number): void {
		this.#fill(now);
		this.#tokens -= count;
	}

	/** Milliseconds until there is a token to take, 0 for now. */
	wait(now: number): number {
		this.#fill(now);
		return Math.max(0, ((1 - this.#tokens) / this.#perSecond) * 1000);
	}

	#fill(now: number): void {
		const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond;
		this.#tokens = Math.min(this.#burst, filled);
		this.#filledAt = now;
	}
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/**
 * Some 40 MB of them. Beyond it we refuse a new key until one has run out: forgetting a key that still
 * counts would let anyone who invents enough others go on guessing. So count only what has its price,
 * such as a login that the mail server checks: at no cost, anyone could keep out all new keys.
 */
const MAX_KEYS = 100_000;

/** Allows each key at most `max` attempts in any `window` milliseconds. */
export class SlidingWindowLimiter {
	readonly #max: number;
	readonly #window: number;
	/** When each key made its last attempts, in milliseconds; forgotten once none of them counts. */
	readonly #times: ExpiringMap<string, number[]>;

	constructor(max: number, window: number) {
		this.#max = max;
		this.#window = window;
		this.#times = new ExpiringMap(MAX_KEYS, window);
	}

	/** Milliseconds until the key may make an attempt, 0 for now. Counts nothing. */
	wait(key: string, now: number): number {
		const times = this.#times.get(key, now);
		if (!times) return this.#times.waitForRoom(now);
		const oldest = times.at(-this.#max);
		return oldest === undefined ? 0 : Math.max(0, oldest + this.#window - now);
	}

	/** How many attempts count against the key now. */
	used(key: string, now: number): number {
		const times = this.#times.get(key, now) ?? [];
		return times.filter((at) => at + this.#window > now).length;
	}

	/** How many attempts the key may make now. */
	left(key: string, now: number): number {
		return Math.max(0, this.#max - this.used(key, now));
	}

	/** Counts an attempt, which `wait` must have allowed. */
	count(key: string, now: number): void {
		const times = this.#times.get(key, now) ?? [];
		// Only the last `max` decide. Cutting seldom keeps an attempt cheap, however large that is.
		const kept = times.length < 2 * this.#max ? times : times.slice(-this.#max);
		kept.push(now);
		this.#times.set(key, kept, now);
	}
}

/** By which keys an attempt counts. */
export interface AttemptKeys {
	readonly accountKey: string;
	readonly networkKey: string;
}

/** Limits attempts, in this process or in all servers of a room. `now` is in monotonic milliseconds. */
export interface AttemptLimiter<K extends AttemptKeys = AttemptKeys> {
	/** Milliseconds until an attempt is allowed, 0 for now. Counts nothing. */
	wait(keys: K, now: number): number | Promise<number>;
	/** Counts an attempt if it is allowed. Returns what `wait` would have. */
	take(keys: K, now: number): number | Promise<number>;
}

/** Limits the attempts for each account and from each network. */
export class AccountAndNetworkLimiter implements AttemptLimiter {
	readonly #byAccount: SlidingWindowLimiter;
	readonly #byNetwork: SlidingWindowLimiter;

	constructor(perAccount: number, perNetwork: number, window: number) {
		this.#byAccount = new SlidingWindowLimiter(perAccount, window);
		this.#byNetwork = new SlidingWindowLimiter(perNetwork, window);
	}

	wait({ accountKey, networkKey }: AttemptKeys, now: number): number {
		return Math.max(this.#byAccount.wait(accountKey, now), this.#byNetwork.wait(networkKey, now));
	}

	take(keys: AttemptKeys, now: number): number {
		const wait = this.wait(keys, now);
		if (wait > 0) return wait;
		this.#byAccount.count(keys.accountKey, now);
		this.#byNetwork.count(keys.networkKey, now);
		return 0;
	}
}
