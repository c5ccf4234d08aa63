import type { Envelope } from "../../wire/messages/schema.ts";
import { TokenBucket } from "../limits/rate-limiter.ts";
import type { Member } from "../room-state/member.ts";
import type { ServerContext } from "./context.ts";

/** What a member has sent, given out no faster than it may talk. */
export class RequestQueue {
	readonly #rate: TokenBucket;
	/** The requests of one token; absent while none waits. */
	#waiting: readonly Envelope[] | undefined;
	/** How many of them have been given out. */
	#taken = 0;

	constructor(member: Member, { limits, now }: ServerContext) {
		// A member keeps its rate limit, so that coming back does not bring a fresh burst.
		member.rate ??= new TokenBucket(limits.messageRate, limits.messageBurst, now());
		this.#rate = member.rate;
	}

	/** Adds the requests of one token. Nothing may be waiting. */
	add(requests: readonly Envelope[]): void {
		if (this.#waiting) throw new Error("requests would be lost");
		this.#waiting = requests;
		this.#taken = 0;
	}

	/** Gives out, one by one, what may be carried out by now. */
	*due(now: number): Generator<Envelope> {
		while (this.#waiting && this.wait(now) === 0) {
			this.#rate.take(1, now);
			const request = this.#waiting[this.#taken++];
			if (this.#taken >= this.#waiting.length) this.#waiting = undefined;
			if (request) yield request;
		}
	}

	/** Milliseconds until there is one to take; null if nothing waits. */
	wait(now: number): number | null {
		return this.#waiting ? this.#rate.wait(now) : null;
	}
}
