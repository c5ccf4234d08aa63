import type { Login } from "../wire/messages.ts";
import { type Proof, proofOf } from "../wire/proof.ts";
import { canonicalAccount } from "./account.ts";
import type { AllowList } from "./allow.ts";
import type { Gmail } from "./gmail.ts";
import type { Limits } from "./limits.ts";
import { Proven } from "./proven.ts";
import { Attempts } from "./rate.ts";
import { NOT_ALLOWED, refuse, type Verdict } from "./verdict.ts";

export interface EntranceOptions {
	readonly gmail: Gmail;
	/** Who may come in; null is everybody. */
	readonly allow: AllowList | null;
	readonly limits: Limits;
	/** Milliseconds since 1970. */
	readonly now: () => number;
}

/** Who may come in: each login is counted, then checked, once. */
export class Entrance {
	readonly #gmail: Gmail;
	readonly #allow: AllowList | null;
	readonly #now: () => number;
	readonly #byAccount: Attempts;
	readonly #byAddress: Attempts;
	readonly #proven = new Proven();

	constructor({ gmail, allow, limits, now }: EntranceOptions) {
		this.#gmail = gmail;
		this.#allow = allow;
		this.#now = now;
		this.#byAccount = new Attempts(limits.accountLogins);
		this.#byAddress = new Attempts(limits.addressLogins);
	}

	/** Every outcome is a verdict; none for somebody who is not wanted any more costs a check. */
	async judge(login: Login, address: string, isWanted: () => boolean): Promise<Verdict> {
		const account = canonicalAccount(login.email);
		const seconds = this.#mustWait(account, address);
		if (seconds > 0) {
			return refuse("too_many_logins", `too many logins; try again in ${seconds} s`);
		}
		return this.#check(login.email, proofOf(login), isWanted);
	}

	async #check(email: string, proof: Proof, isWanted: () => boolean): Promise<Verdict> {
		const account = canonicalAccount(email);
		if (!this.#isAllowed(account) && this.#proven.has(account, proof, this.#now())) {
			return NOT_ALLOWED;
		}
		const verdict = await this.#gmail.verify(email, proof, isWanted);
		// The list is asked last: who has proved nothing is told nothing of it.
		if (!verdict.accepted || this.#isAllowed(account)) return verdict;
		this.#proven.add(account, proof, this.#now());
		return NOT_ALLOWED;
	}

	#isAllowed(account: string): boolean {
		return this.#allow?.has(account) ?? true;
	}

	/** Seconds until this account, and this address, may be checked again. */
	#mustWait(account: string, address: string): number {
		const byAddress = this.#byAddress.wait(address, this.#now());
		const wait = byAddress > 0 ? byAddress : this.#byAccount.wait(account, this.#now());
		return Math.ceil(wait / 1000);
	}
}
