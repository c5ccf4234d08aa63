import type { Limits } from "../limits/limits.ts";
import {
	AccountAndNetworkLimiter,
	type AttemptLimiter,
	HOUR,
	SlidingWindowLimiter,
} from "../limits/rate-limiter.ts";
import type { CountedOrigin } from "./proved-networks.ts";

/** Of all codes an hour, strangers get at most this part; the rest is for networks that proved an account. */
const STRANGERS_SHARE = 3 / 4;
/** Once half of the strangers' part is used, each of their largest networks gets this many an hour. */
const CODES_WHEN_SHORT = 2;

/** How many codes an hour may be requested, by whom. */
export const codeQuotas = ({ accountCodes, addressCodes, codes }: Limits) => {
	const strangers = Math.ceil(codes * STRANGERS_SHARE);
	return {
		...{ account: accountCodes, network: addressCodes, all: codes },
		...{ strangers, halfOfStrangers: Math.ceil(strangers / 2), whenShort: CODES_WHEN_SHORT },
	};
};

/** Limits requests for codes: the mailer's own account can send only so many, whoever gets them. */
export class CodeRequestLimiter implements AttemptLimiter<CountedOrigin> {
	readonly #each: AccountAndNetworkLimiter;
	readonly #all: SlidingWindowLimiter;
	readonly #strangers: SlidingWindowLimiter;
	readonly #halfOfStrangers: SlidingWindowLimiter;
	readonly #whenShort: SlidingWindowLimiter;

	constructor(limits: Limits) {
		const quotas = codeQuotas(limits);
		this.#each = new AccountAndNetworkLimiter(quotas.account, quotas.network, HOUR);
		this.#all = new SlidingWindowLimiter(quotas.all, HOUR);
		this.#strangers = new SlidingWindowLimiter(quotas.strangers, HOUR);
		this.#halfOfStrangers = new SlidingWindowLimiter(quotas.halfOfStrangers, HOUR);
		this.#whenShort = new SlidingWindowLimiter(quotas.whenShort, HOUR);
	}

	wait(origin: CountedOrigin, now: number): number {
		const each = this.#each.wait(origin, now);
		const strangers = origin.rank === "home" ? 0 : this.#strangersWait(origin, now);
		return Math.max(each, strangers, this.#all.wait("", now));
	}

	/** What one limit refuses uses up nothing of the others. */
	take(origin: CountedOrigin, now: number): number {
		const wait = this.wait(origin, now);
		if (wait > 0) return wait;
		const { networks, rank } = origin;
		this.#each.take(origin, now);
		this.#all.count("", now);
		if (rank === "home") return 0;
		this.#strangers.count("", now);
		this.#halfOfStrangers.count("", now);
		this.#whenShort.count(networks[0] ?? "", now);
		return 0;
	}

	/** A few networks must not use up what all strangers share. */
	#strangersWait({ networks }: CountedOrigin, now: number): number {
		const untilPlenty = this.#halfOfStrangers.wait("", now);
		const untilOwn = this.#whenShort.wait(networks[0] ?? "", now);
		return Math.max(this.#strangers.wait("", now), Math.min(untilPlenty, untilOwn));
	}
}
