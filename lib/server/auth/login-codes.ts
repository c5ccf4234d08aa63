import { randomInt, timingSafeEqual } from "node:crypto";
import { ExpiringMap } from "../../util/expiring-map.ts";
import { randomId } from "../../util/random-id.ts";
import type { CodeCredential } from "../../wire/messages/credentials.ts";
import { LIMITS } from "../limits/limits.ts";
import { MINUTE } from "../limits/rate-limiter.ts";
import { CODE_MINUTES } from "../mail/mail-job.ts";
import { ACCEPTED, deny, type LoginResult } from "./login-result.ts";

/** Guesses allowed for one code. */
export const MAX_TRIES = 5;
/** Unused codes in memory: as many as `--codes` can allow, so that no code is ever forgotten early. */
const MAX_CODES = LIMITS.codes.max;

interface IssuedCode {
	readonly account: string;
	readonly code: string;
	triesLeft: number;
}

/**
 * Codes issued and not used yet. Each belongs to the ticket of the client that requested
 * it: requesting codes for somebody else's account neither voids theirs nor uses up its tries.
 */
export class LoginCodes {
	/** By ticket. */
	readonly #issued = new ExpiringMap<string, IssuedCode>(MAX_CODES, CODE_MINUTES * MINUTE);

	issue(account: string, now: number): { ticket: string; code: string } {
		const { ticket, code } = newCode();
		this.#issued.set(ticket, { account, code, triesLeft: MAX_TRIES }, now);
		return { ticket, code };
	}

	/** Accepts a code once. Nothing here waits, so of two logins at one moment the second fails. */
	redeem(account: string, { ticket, code }: CodeCredential, now: number): LoginResult {
		const issued = this.#issued.get(ticket, now);
		if (issued?.account !== account) return deny("code_expired");
		const isRight = timingSafeEqual(Buffer.from(issued.code), Buffer.from(code));
		const triesLeft = --issued.triesLeft;
		if (isRight || triesLeft === 0) this.#issued.delete(ticket);
		return isRight ? ACCEPTED : denyCode(triesLeft);
	}
}

/** Each of the million codes is equally likely. */
export const newCode = (): { ticket: string; code: string } => ({
	ticket: randomId(),
	code: String(randomInt(1_000_000)).padStart(6, "0"),
});

/** The answer to a wrong code, with how many guesses are left. */
export const denyCode = (triesLeft: number): LoginResult =>
	triesLeft > 0 ? deny("wrong_code", triesLeft) : deny("code_expired");
