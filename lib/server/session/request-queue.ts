import type { Envelope } from "../../wire/messages/schema.ts";
import { TokenBucket } from "../limits/rate-limiter.ts";
import type { Member } from "../room-state/member.ts";
import type { ServerContext } from "./context.ts";

/** What a member has sent, given out no faster than it may talk. */
export class RequestQueue {
	readonly #rate: TokenBucket;
	readonly #waiting: Envelope[] = [];

	constructor(member: Member, { limits, now }: ServerContext) {
		// A member keeps its rate limit, so that coming back does not bring a fresh burst.
		member.rate ??= new TokenBucket(limits.messageRate, limits.messageBurst, now());
		this.#rate = member.rate;
	}

	/** Adds the requests of one token. */
	add(requests: readonly Envelope[]): void {
		this.#waiting.push(...requests);
	}

	/** The next request that may be carried out by now. */
	take(now: number): Envelope | undefined {
		if (this.wait(now) !== 0) return undefined;
		this.#rate.take(1, now);
		return this.#waiting.shift();
	}

	/** Milliseconds until there is one to take; null if nothing waits. While something does, add no more. */
	wait(now: number): number | null {
		return this.#waiting.length > 0 ? this.#rate.wait(now) : null;
	}
}
