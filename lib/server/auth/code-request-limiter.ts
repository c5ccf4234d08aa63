import type { Limits } from "../limits/limits.ts";
import { AccountAndNetworkLimiter, HOUR, SlidingWindowLimiter } from "../limits/rate-limiter.ts";
import type { CountedOrigin } from "./proved-networks.ts";

/** Of all codes an hour, strangers get at most this part; the rest is for networks that proved an account. */
const STRANGERS_SHARE = 3 / 4;
/** Once half of the strangers' part is used, each of their largest networks gets this many an hour. */
const CODES_WHEN_SHORT = 2;

/** Limits requests for codes: the mailer's own account can send only so many, whoever gets them. */
export class CodeRequestLimiter {
	readonly #each: AccountAndNetworkLimiter;
	readonly #all: SlidingWindowLimiter;
	readonly #strangers: SlidingWindowLimiter;
	readonly #halfOfStrangers: SlidingWindowLimiter;
	readonly #whenShort = new SlidingWindowLimiter(CODES_WHEN_SHORT, HOUR);

	constructor({ accountCodes, addressCodes, codes }: Limits) {
		const strangersCodes = Math.ceil(codes * STRANGERS_SHARE);
		this.#each = new AccountAndNetworkLimiter(accountCodes, addressCodes, HOUR);
		this.#all = new SlidingWindowLimiter(codes, HOUR);
		this.#strangers = new SlidingWindowLimiter(strangersCodes, HOUR);
		this.#halfOfStrangers = new SlidingWindowLimiter(Math.ceil(strangersCodes / 2), HOUR);
	}

	/** Milliseconds until a request is allowed, 0 for now. Counts nothing. */
	wait(origin: CountedOrigin, now: number): number {
		const each = this.#each.wait(origin.accountKey, origin.networkKey, now);
		const strangers = origin.rank === "home" ? 0 : this.#strangersWait(origin, now);
		return Math.max(each, strangers, this.#all.wait("", now));
	}

	/** Counts a request, which `wait` must have allowed: what one limit refuses uses up nothing of the others. */
	count({ accountKey, networkKey, networks, rank }: CountedOrigin, now: number): void {
		this.#each.count(accountKey, networkKey, now);
		this.#all.count("", now);
		if (rank === "home") return;
		this.#strangers.count("", now);
		this.#halfOfStrangers.count("", now);
		this.#whenShort.count(networks[0] ?? "", now);
	}

	/** A few networks must not use up what all strangers share. */
	#strangersWait({ networks }: CountedOrigin, now: number): number {
		const untilPlenty = this.#halfOfStrangers.wait("", now);
		const untilOwn = this.#whenShort.wait(networks[0] ?? "", now);
		return Math.max(this.#strangers.wait("", now), Math.min(untilPlenty, untilOwn));
	}
}
