import { randomInt, timingSafeEqual } from "node:crypto";
import type { CodeCredential } from "../../wire/credentials.ts";
import { randomId } from "../../wire/key-folder.ts";
import { CODE_MINUTES } from "../mail/code-mailer.ts";
import { ACCEPTED, deny, type LoginResult } from "./login-result.ts";

/** Tries that each code has, and codes that are kept; beyond it the oldest is forgotten. */
const MAX_TRIES = 5;
const MAX_CODES = 10_000;

interface Pending {
	readonly account: string;
	readonly code: string;
	/** Milliseconds since 1970. */
	readonly until: number;
	tries: number;
}

const NO_CODE = deny("no_code", "this code is not good any more; ask for a new one");

/**
 * Codes on their way by mail. Each belongs to the ticket of whoever asked for it: asking for codes for
 * somebody else's account neither voids theirs nor uses up its tries.
 */
export class LoginCodes {
	/** By ticket, the oldest first. */
	readonly #pending = new Map<string, Pending>();

	issue(account: string, now: number): { ticket: string; code: string } {
		this.#expire(now);
		const ticket = randomId();
		// Of a million, each as likely as the others.
		const code = String(randomInt(1_000_000)).padStart(6, "0");
		this.#pending.set(ticket, {
			account,
			code,
			until: now + CODE_MINUTES * 60_000,
			tries: MAX_TRIES,
		});
		return { ticket, code };
	}

	/** Accepted once. Nothing here waits, so of two logins at one moment one is the second. */
	redeem(account: string, { ticket, code }: CodeCredential, now: number): LoginResult {
		this.#expire(now);
		const pending = this.#pending.get(ticket);
		if (pending?.account !== account) return NO_CODE;
		const isRight = timingSafeEqual(Buffer.from(pending.code), Buffer.from(code));
		pending.tries--;
		if (isRight || pending.tries === 0) this.#pending.delete(ticket);
		if (isRight) return ACCEPTED;
		const { tries } = pending;
		if (tries === 0) return deny("no_code", "that is not the code; ask for a new one");
		const left = tries === 1 ? "one try is left" : `${tries} tries are left`;
		return deny("wrong_code", `that is not the code in the mail; ${left}`);
	}

	/** Those that are too old, and the oldest where there are too many. */
	#expire(now: number): void {
		for (const [ticket, { until }] of this.#pending) {
			if (until > now && this.#pending.size < MAX_CODES) break;
			this.#pending.delete(ticket);
		}
	}
}
