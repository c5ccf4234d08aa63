import { type Proof, proofOf, type Way } from "../../wire/credentials.ts";
import type { Login } from "../../wire/messages.ts";
import type { Limits } from "../limits/limits.ts";
import { Attempts, HOUR, MINUTE, Quota } from "../limits/rate-limiter.ts";
import type { Mailer } from "../mail/code-mailer.ts";
import { canonicalAccount } from "./account.ts";
import type { AllowList } from "./allow-list.ts";
import type { Bans } from "./ban-list.ts";
import type { Gmail } from "./gmail-verifier.ts";
import { Codes } from "./login-codes.ts";
import {
	BANNED,
	type Denial,
	deny,
	NOT_ALLOWED,
	NOT_GMAIL,
	type Verdict,
	wayNotAccepted,
} from "./login-result.ts";
import { Proven } from "./proven.ts";

export interface EntranceOptions {
	readonly gmail: Gmail;
	/** Who may come in; null is everybody. */
	readonly allow: AllowList | null;
	readonly bans: Bans;
	/** Canonical addresses of who owns the room, whom neither keeps out. */
	readonly owners: ReadonlySet<string>;
	/** How somebody may prove whose account it is. */
	readonly ways: readonly Way[];
	/** Mails codes, where that is one of the ways. */
	readonly mailer: Mailer | null;
	readonly limits: Limits;
	/** Milliseconds since 1970. */
	readonly now: () => number;
}

/** What came of asking for a code. */
interface Asked {
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
export class Entrance {
	readonly ways: readonly Way[];
	readonly #gmail: Gmail;
	readonly #allow: AllowList | null;
	readonly #bans: Bans;
	readonly #owners: ReadonlySet<string>;
	readonly #mailer: Mailer | null;
	readonly #now: () => number;
	readonly #logins: Quota;
	readonly #asked: Quota;
	readonly #askedByAll: Attempts;
	readonly #codes = new Codes();
	readonly #proven = new Proven();

	constructor({ gmail, allow, bans, owners, ways, mailer, limits, now }: EntranceOptions) {
		this.ways = ways;
		this.#gmail = gmail;
		this.#allow = allow;
		this.#bans = bans;
		this.#owners = owners;
		this.#mailer = mailer;
		this.#now = now;
		this.#logins = new Quota(limits.accountLogins, limits.addressLogins, MINUTE);
		this.#asked = new Quota(limits.accountCodes, limits.addressCodes, HOUR);
		this.#askedByAll = new Attempts(limits.codes, HOUR);
	}

	/** Every outcome is a verdict; none for somebody who is not wanted any more costs a check. */
	async judge(login: Login, address: string, isWanted: () => boolean): Promise<Verdict> {
		const proof = proofOf(login);
		if (!this.ways.includes(proof.way)) return wayNotAccepted(proof.way, this.ways);
		// A code has tries of its own, which no stranger can use up.
		const account = proof.way === "code" ? null : canonicalAccount(login.email);
		const wait = this.#logins.wait(account, address, this.#now());
		if (wait > 0) {
			const seconds = Math.ceil(wait / 1000);
			return deny("too_many_logins", `too many logins; try again in ${seconds} s`);
		}
		return this.#check(login.email, proof, isWanted);
	}

	/**
	 * Why an account may not come in, or null: for who has proved that it is theirs, and nobody else, to
	 * be told. Asked again at the last moment: a ban may have come while Gmail was asked.
	 */
	obstacle(account: string): Denial | null {
		// An owner whom a list forgot, or who was banned before, is the one who has to mend it.
		if (this.#owners.has(account)) return null;
		if (this.#bans.has(account)) return BANNED;
		return this.#allow === null || this.#allow.has(account) ? null : NOT_ALLOWED;
	}

	/**
	 * Mails a code, if it may be mailed; the answer is the same where the account may not come in, and
	 * does not wait for the mail: whether it may is told to nobody who has not proved it is theirs.
	 */
	mail(email: string, address: string): Asked | Denial {
		if (!this.ways.includes("code")) return wayNotAccepted("code", this.ways);
		// To the account and not as it was spelt: elsewhere than at Gmail, ann+x may be somebody else.
		const account = canonicalAccount(email);
		const isOpen = this.#allow !== null || account.endsWith("@gmail.com");
		if (!isOpen || !MAILABLE.test(account)) return NOT_GMAIL;
		const now = this.#now();
		// The mailer's account, too, can mail only so many, whoever they are for and from.
		const wait = this.#asked.wait(account, address, now) || this.#askedByAll.wait("", now);
		if (wait > 0) {
			const minutes = Math.ceil(wait / MINUTE);
			return deny("too_many_codes", `too many codes; try again in ${minutes} min`);
		}
		const { ticket, code } = this.#codes.issue(account, now);
		const obstacle = this.obstacle(account);
		// Once the answer has gone, so that it does not take longer for the mail.
		if (!obstacle) setImmediate(() => this.#mailer?.send(account, code, address));
		return { accepted: true, ticket, outcome: obstacle?.code ?? "mailed" };
	}

	async #check(email: string, proof: Proof, isWanted: () => boolean): Promise<Verdict> {
		const account = canonicalAccount(email);
		const known = this.obstacle(account);
		if (known && this.#proven.has(account, proof, this.#now())) return known;
		const verdict =
			proof.way === "code"
				? this.#codes.redeem(account, proof, this.#now())
				: await this.#gmail.verify(email, proof, isWanted);
		// Told last: who has proved nothing learns nothing of who may come in.
		const obstacle = verdict.accepted ? this.obstacle(account) : null;
		if (obstacle) this.#proven.add(account, proof, this.#now());
		return obstacle ?? verdict;
	}
}
