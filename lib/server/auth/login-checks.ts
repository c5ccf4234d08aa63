import { ExpiringMap } from "../../util/expiring-map.ts";
import { hasCode } from "../../wire/errors/reason.ts";
import type { GmailCredential } from "../../wire/messages/credentials.ts";
import { hasPlainName } from "../accounts/account.ts";
import { FairSemaphore, type Origin, QueueFull } from "../limits/fair-semaphore.ts";
import type { Limits } from "../limits/limits.ts";
import { type AttemptLimiter, MINUTE } from "../limits/rate-limiter.ts";
import type { GmailVerifier } from "./gmail-verifier.ts";
import { type Denial, deny, type LoginResult } from "./login-result.ts";
import { PasswordTries } from "./password-tries.ts";
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
	readonly limiter: AttemptLimiter;
	readonly limits: Limits;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/** Checks logins with the mail server: a few at once, in turn by network, and each account a few times a minute. */
export class LoginChecks {
	readonly #verifier: GmailVerifier;
	readonly #limiter: AttemptLimiter;
	readonly #tries: PasswordTries;
	readonly #now: () => number;
	readonly #semaphore: FairSemaphore;
	/** The networks, the largest for each address, and accounts at home, whose logins failed lately. */
	readonly #suspects = new ExpiringMap<string, true>(MAX_SUSPECTS, MINUTE);

	constructor({ verifier, limiter, limits, now }: LoginCheckOptions) {
		this.#verifier = verifier;
		this.#limiter = limiter;
		this.#tries = new PasswordTries(limits.accountLogins);
		this.#now = now;
		this.#semaphore = new FairSemaphore(limits.gmailChecks, limits.gmailChecks * WAITING_PER_CHECK);
	}

	/** Once `signal` is aborted, no check begins. Throws only what the limiter does. */
	async check(login: LoginCheck, signal: AbortSignal): Promise<LoginResult> {
		// Gmail might take boss+x@corp.example for boss: one mailbox would be any number of accounts.
		const isImpossible = this.#verifier.isGmail && !hasPlainName(login.account);
		if (isImpossible) return deny("invalid_address", login.email);
		const wait = await this.#limiter.wait(login.origin, this.#now());
		if (wait > 0) return denyFor(wait);
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
		const { email, account, credential, origin } = login;
		const wait = await this.#limiter.take(origin, this.#now());
		if (wait > 0) return denyFor(wait);
		this.#tries.count(origin.accountKey, this.#now());
		// Gmail knows the spellings of its accounts. To any other server they may be several accounts: we
		// show it the account that we name, so that it proves this one.
		const user = this.#verifier.isGmail ? email : account;
		const result = await this.#verifier.verify(user, credential);
		// A mail server that cannot be reached is nobody's fault.
		if (!result.accepted && result.wasAnswered) this.suspect(origin);
		return result.accepted ? result : this.#withTriesLeft(result, origin);
	}

	async #withTriesLeft(denial: Denial, origin: CountedOrigin): Promise<Denial> {
		if (!hasCode(denial, "wrong_password")) return denial;
		const wait = await this.#limiter.wait(origin, this.#now());
		const left = this.#tries.afterWrong(origin.accountKey, wait, this.#now());
		return left === "" ? denial : { ...denial, text: `${denial.text} ${left}` };
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
}

/** The answer to a login that has to wait for some milliseconds. */
export const denyFor = (wait: number): Denial => deny("too_many_logins", Math.ceil(wait / 1000));
