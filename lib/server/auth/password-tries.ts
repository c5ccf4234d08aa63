import { MINUTE, SlidingWindowLimiter } from "../limits/rate-limiter.ts";

/** Tells somebody who was wrong more than once what the limit leaves. Limits nothing itself. */
export class PasswordTries {
	readonly #all: SlidingWindowLimiter;
	readonly #wrong: SlidingWindowLimiter;

	/** `max`: logins a minute to one account. */
	constructor(max: number) {
		this.#all = new SlidingWindowLimiter(max, MINUTE);
		this.#wrong = new SlidingWindowLimiter(max, MINUTE);
	}

	/** A login to the account is being checked. */
	count(accountKey: string, now: number): void {
		this.#all.count(accountKey, now);
	}

	/**
	 * The password was wrong. `wait`: milliseconds until the limit allows another login. Returns a
	 * sentence, or "" the first time. It says "at most", because the limit counts more than we do: other
	 * servers' logins, and those from the same network.
	 */
	afterWrong(accountKey: string, wait: number, now: number): string {
		this.#wrong.count(accountKey, now);
		if (this.#wrong.used(accountKey, now) < 2) return "";
		if (wait > 0) return `You have no try left. Try again in ${Math.ceil(wait / 1000)} s.`;
		const left = Math.max(1, this.#all.left(accountKey, now));
		return `You have at most ${left === 1 ? "one try" : `${left} tries`} left for now.`;
	}
}
