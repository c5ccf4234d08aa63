import type { Limits } from "../limits/limits.ts";
import { AccountAndNetworkLimiter, HOUR, SlidingWindowLimiter } from "../limits/rate-limiter.ts";
import type { CountedOrigin } from "./proved-networks.ts";

/** Of all codes an hour, strangers get at most this part; the rest is for networks that proved an account. */
const STRANGERS_SHARE = 3 / 4;

/** Limits requests for codes: the mailer's own account can send only so many, whoever gets them. */
export class CodeRequestLimiter {
	readonly #each: AccountAndNetworkLimiter;
	readonly #all: SlidingWindowLimiter;
	readonly #strangers: SlidingWindowLimiter;

	constructor({ accountCodes, addressCodes, codes }: Limits) {
		this.#each = new AccountAndNetworkLimiter(accountCodes, addressCodes, HOUR);
		this.#all = new SlidingWindowLimiter(codes, HOUR);
		this.#strangers = new SlidingWindowLimiter(Math.ceil(codes * STRANGERS_SHARE), HOUR);
	}

	/** Milliseconds until a request is allowed, 0 for now. Counts nothing. */
	wait({ accountKey, networkKey, rank }: CountedOrigin, now: number): number {
		const each = this.#each.wait(accountKey, networkKey, now);
		const strangers = rank === "home" ? 0 : this.#strangers.wait("", now);
		return Math.max(each, strangers, this.#all.wait("", now));
	}

	/** Counts a request, which `wait` must have allowed: what one limit refuses uses up nothing of the others. */
	count({ accountKey, networkKey, rank }: CountedOrigin, now: number): void {
		this.#each.count(accountKey, networkKey, now);
		this.#all.count("", now);
		if (rank !== "home") this.#strangers.count("", now);
	}
}
