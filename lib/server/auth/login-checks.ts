import type { GmailCredential } from "../../wire/messages/credentials.ts";
import type { Limits } from "../limits/limits.ts";
import type { AccountAndIpLimiter } from "../limits/rate-limiter.ts";
import { QueueFull, Semaphore } from "../limits/semaphore.ts";
import type { GmailVerifier } from "./gmail-verifier.ts";
import { type Denial, deny, type LoginResult } from "./login-result.ts";

/** How many logins may wait for each one that is being checked. */
const WAITING_PER_CHECK = 8;

/** A password or token to check. */
interface LoginCheck {
	/** The address as typed, and the account that it names. */
	readonly email: string;
	readonly account: string;
	readonly credential: GmailCredential;
	readonly ip: string;
}

interface LoginCheckOptions {
	readonly verifier: GmailVerifier;
	readonly limiter: AccountAndIpLimiter;
	readonly limits: Limits;
	/** Milliseconds since 1970. */
	readonly now: () => number;
}

/** Checks logins with the mail server: a few at once, and each account a few times a minute. */
export class LoginChecks {
	readonly #verifier: GmailVerifier;
	readonly #limiter: AccountAndIpLimiter;
	readonly #now: () => number;
	readonly #semaphore: Semaphore;

	constructor({ verifier, limiter, limits, now }: LoginCheckOptions) {
		this.#verifier = verifier;
		this.#limiter = limiter;
		this.#now = now;
		this.#semaphore = new Semaphore(limits.gmailChecks, limits.gmailChecks * WAITING_PER_CHECK);
	}

	/** Every outcome is a result. Once `signal` is aborted, no check begins. */
	async check(login: LoginCheck, signal: AbortSignal): Promise<LoginResult> {
		const early = this.#limitError(login);
		if (early) return early;
		try {
			return await this.#semaphore.run(async () =>
				signal.aborted ? deny("busy") : this.#begin(login),
			);
		} catch (error) {
			if (error instanceof QueueFull) return deny("busy");
			throw error;
		}
	}

	/** Counts the login now and not on its arrival, which costs a stranger nothing. */
	async #begin(login: LoginCheck): Promise<LoginResult> {
		const late = this.#limitError(login);
		if (late) return late;
		const { email, account, credential, ip } = login;
		this.#limiter.count(account, ip, this.#now());
		// Gmail knows the spellings of its accounts. To any other server they may be several accounts: we
		// show it the account that we name, so that it proves this one.
		return this.#verifier.verify(this.#verifier.isGmail ? email : account, credential);
	}

	#limitError({ account, ip }: LoginCheck): Denial | null {
		const wait = this.#limiter.wait(account, ip, this.#now());
		return wait > 0 ? deny("too_many_logins", Math.ceil(wait / 1000)) : null;
	}
}
