import { type Credential, credentialOf } from "../../wire/credentials.ts";
import type { LoginMethod } from "../../wire/login-methods.ts";
import type { Login } from "../../wire/messages.ts";
import type { Limits } from "../limits/limits.ts";
import { AccountAndIpLimiter, HOUR, MINUTE, SlidingWindowLimiter } from "../limits/rate-limiter.ts";
import type { CodeMailer } from "../mail/code-mailer.ts";
import { canonicalAccount } from "./account.ts";
import type { AllowList } from "./allow-list.ts";
import type { BanList } from "./ban-list.ts";
import type { GmailVerifier } from "./gmail-verifier.ts";
import { LoginCodes } from "./login-codes.ts";
import { type Denial, deny, denyProved, type LoginResult } from "./login-result.ts";

export interface AuthenticatorOptions {
	readonly verifier: GmailVerifier;
	/** Who may come in; null is everybody. */
	readonly allow: AllowList | null;
	readonly bans: BanList;
	/** Canonical addresses of who owns the room, whom neither keeps out. */
	readonly owners: ReadonlySet<string>;
	/** How somebody may prove whose account it is. */
	readonly methods: readonly LoginMethod[];
	/** Mails codes, where that is one of the ways. */
	readonly mailer: CodeMailer | null;
	readonly limits: Limits;
	/** Milliseconds since 1970. */
	readonly now: () => number;
}

/** What came of asking for a code. */
interface CodeRequestResult {
	readonly accepted: true;
	readonly ticket: string;
	/** For the owner: whether one is mailed, or in a word why not. */
	readonly outcome: string;
}

/**
 * Accounts that a code may be mailed to: of plain characters, because some mail servers take others
 * for a way to somewhere else.
 */
const MAILABLE = /^[\w.'-]+@/;

/** Who may come in: each login is counted, then checked, once. */
export class Authenticator {
	readonly methods: readonly LoginMethod[];
	readonly #verifier: GmailVerifier;
	readonly #allow: AllowList | null;
	readonly #bans: BanList;
	readonly #owners: ReadonlySet<string>;
	readonly #mailer: CodeMailer | null;
	readonly #now: () => number;
	readonly #logins: AccountAndIpLimiter;
	readonly #codeRequests: AccountAndIpLimiter;
	readonly #codeRequestsOfAll: SlidingWindowLimiter;
	readonly #codes = new LoginCodes();

	constructor({
		verifier,
		allow,
		bans,
		owners,
		methods,
		mailer,
		limits,
		now,
	}: AuthenticatorOptions) {
		this.methods = methods;
		this.#verifier = verifier;
		this.#allow = allow;
		this.#bans = bans;
		this.#owners = owners;
		this.#mailer = mailer;
		this.#now = now;
		this.#logins = new AccountAndIpLimiter(limits.accountLogins, limits.addressLogins, MINUTE);
		this.#codeRequests = new AccountAndIpLimiter(limits.accountCodes, limits.addressCodes, HOUR);
		this.#codeRequestsOfAll = new SlidingWindowLimiter(limits.codes, HOUR);
	}

	/** Every outcome is a result. Once `signal` is aborted no check begins. */
	async authenticate(login: Login, ip: string, signal: AbortSignal): Promise<LoginResult> {
		const credential = credentialOf(login);
		if (!this.methods.includes(credential.method))
			return deny("method_not_accepted", credential.method, this.methods);
		// A code has tries of its own, which no stranger can use up.
		const account = credential.method === "code" ? null : canonicalAccount(login.email);
		const wait = this.#logins.attempt(account, ip, this.#now());
		if (wait > 0) {
			return deny("too_many_logins", Math.ceil(wait / 1000));
		}
		return this.#check(login.email, credential, signal);
	}

	/**
	 * Why an account may not come in, or null: for who has proved that it is theirs, and nobody else, to
	 * be told. Asked again at the last moment: a ban may have come while Gmail was asked.
	 */
	admissionError(account: string): Denial | null {
		// An owner whom a list forgot, or who was banned before, is the one who has to mend it.
		if (this.#owners.has(account)) return null;
		if (this.#bans.has(account)) return denyProved("banned");
		return this.#allow === null || this.#allow.has(account) ? null : denyProved("not_allowed");
	}

	/**
	 * Mails a code, if it may be mailed; the answer is the same where the account may not come in, and
	 * does not wait for the mail: whether it may is told to nobody who has not proved it is theirs.
	 */
	requestCode(email: string, ip: string): CodeRequestResult | Denial {
		if (!this.methods.includes("code")) return deny("method_not_accepted", "code", this.methods);
		// To the account and not as it was spelt: elsewhere than at Gmail, ann+x may be somebody else.
		const account = canonicalAccount(email);
		const isOpen = this.#allow !== null || account.endsWith("@gmail.com");
		if (!isOpen || !MAILABLE.test(account)) return deny("not_gmail");
		const now = this.#now();
		// The mailer's account, too, can mail only so many, whoever they are for and from.
		const wait =
			this.#codeRequests.attempt(account, ip, now) || this.#codeRequestsOfAll.attempt("", now);
		if (wait > 0) {
			return deny("too_many_codes", Math.ceil(wait / MINUTE));
		}
		const { ticket, code } = this.#codes.issue(account, now);
		const denial = this.admissionError(account);
		// Once the answer has gone, so that it does not take longer for the mail.
		if (!denial) setImmediate(() => this.#mailer?.send(account, code, ip));
		return { accepted: true, ticket, outcome: denial?.code ?? "mailed" };
	}

	async #check(email: string, credential: Credential, signal: AbortSignal): Promise<LoginResult> {
		const account = canonicalAccount(email);
		const result =
			credential.method === "code"
				? this.#codes.redeem(account, credential, this.#now())
				: await this.#verifier.verify(email, credential, signal);
		if (!result.accepted) return result;
		// Told last: anyone who has proved nothing learns nothing of who may come in.
		return this.admissionError(account) ?? result;
	}
}
