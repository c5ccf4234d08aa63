import { ExpiringMap } from "../../util/expiring-map.ts";
import { hasCode } from "../../wire/errors/reason.ts";
import type { GmailCredential } from "../../wire/messages/credentials.ts";
import { FairSemaphore, type Origin, QueueFull } from "../limits/fair-semaphore.ts";
import type { Limits } from "../limits/limits.ts";
import {
	type AccountAndNetworkLimiter,
	MINUTE,
	SlidingWindowLimiter,
} from "../limits/rate-limiter.ts";
import { hasPlainName } from "./account.ts";
import type { GmailVerifier } from "./gmail-verifier.ts";
import { type Denial, deny, type LoginResult } from "./login-result.ts";
import type { CountedOrigin } from "./proved-networks.ts";

/** How many logins may wait for each one that is being checked. */
const WAITING_PER_CHECK = 8;
/** Beyond it we forget the one that failed longest ago, which is then a stranger like others. */
const MAX_SUSPECTS = 10_000;

/** A password or token to check. */
interface LoginCheck {
	/** The address as typed, and the account that it names. */
	readonly email: string;
	readonly account: string;
	readonly credential: GmailCredential;
	readonly origin: CountedOrigin;
}

interface LoginCheckOptions {
	readonly verifier: GmailVerifier;
	readonly limiter: AccountAndNetworkLimiter;
	readonly limits: Limits;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Checks logins with the mail server: a few at once, in turn by network, and each account a few times a minute. */
export class LoginChecks {
	readonly #verifier: GmailVerifier;
	readonly #limiter: AccountAndNetworkLimiter;
	/** Counts wrong passwords, and limits nothing. */
	readonly #wrong: SlidingWindowLimiter;
	readonly #now: () => number;
	readonly #semaphore: FairSemaphore;
	/** The networks, the largest for each address, and accounts at home, whose logins failed lately. */
	readonly #suspects = new ExpiringMap<string, true>(MAX_SUSPECTS, MINUTE);

	constructor({ verifier, limiter, limits, now }: LoginCheckOptions) {
		this.#verifier = verifier;
		this.#limiter = limiter;
		this.#wrong = new SlidingWindowLimiter(limits.accountLogins, MINUTE);
		this.#now = now;
		this.#semaphore = new FairSemaphore(limits.gmailChecks, limits.gmailChecks * WAITING_PER_CHECK);
	}

	/** Every outcome is a result. Once `signal` is aborted, no check begins. */
	async check(login: LoginCheck, signal: AbortSignal): Promise<LoginResult> {
		// Gmail might take boss+x@corp.example for boss: one mailbox would be any number of accounts.
		const isImpossible = this.#verifier.isGmail && !hasPlainName(login.account);
		if (isImpossible) return deny("invalid_address", login.email);
		const early = this.#limitError(login);
		if (early) return early;
		try {
			return await this.#semaphore.run(this.#ranked(login.origin), async () =>
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
		const { email, account, credential, origin } = login;
		this.#limiter.count(origin.accountKey, origin.networkKey, this.#now());
		// Gmail knows the spellings of its accounts. To any other server they may be several accounts: we
		// show it the account that we name, so that it proves this one.
		const user = this.#verifier.isGmail ? email : account;
		const result = await this.#verifier.verify(user, credential);
		// A mail server that cannot be reached is nobody's fault.
		if (!result.accepted && result.wasAnswered) this.suspect(origin);
		if (result.accepted || !hasCode(result, "wrong_password")) return result;
		return { ...result, text: `${result.text}${this.#triesLeft(origin)}` };
	}

	/** What to tell somebody who has been wrong more than once, lest the limit come as a surprise. */
	#triesLeft({ accountKey, networkKey }: CountedOrigin): string {
		const now = this.#now();
		this.#wrong.count(accountKey, now);
		if (this.#wrong.used(accountKey, now) < 2) return "";
		const left = this.#limiter.left(accountKey, networkKey, now);
		if (left > 0) return ` You have ${left === 1 ? "one try" : `${left} tries`} left for now.`;
		const wait = Math.ceil(this.#limiter.wait(accountKey, networkKey, now) / 1000);
		return ` You have no try left. Try again in ${wait} s.`;
	}

	/**
	 * Call when a check did not let its client in, whatever the reason: those who cause such checks must
	 * not keep out others. At home, too: a neighbour can try an account there without proving anything.
	 */
	suspect({ networks }: CountedOrigin): void {
		const [largest] = networks;
		if (largest === undefined) return;
		this.#suspects.set(largest, true, this.#now());
		this.#semaphore.suspect(largest);
	}

	#ranked(origin: CountedOrigin): Origin {
		const isSuspect = this.#suspects.get(origin.networks[0] ?? "", this.#now());
		return isSuspect ? { ...origin, rank: "suspect" } : origin;
	}

	#limitError({ origin }: LoginCheck): Denial | null {
		const wait = this.#limiter.wait(origin.accountKey, origin.networkKey, this.#now());
		return wait > 0 ? deny("too_many_logins", Math.ceil(wait / 1000)) : null;
	}
}
