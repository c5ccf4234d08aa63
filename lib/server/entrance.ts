import type { Login } from "../wire/messages.ts";
import { canonicalAccount } from "./account.ts";
import type { Bans } from "./bans.ts";
import type { Gmail } from "./gmail.ts";
import type { Limits } from "./limits.ts";
import { Attempts } from "./rate.ts";
import { refuse, type Verdict } from "./verdict.ts";

/** Who may come in: each login is counted, then checked, once. */
export class Entrance {
	readonly #gmail: Gmail;
	/** Milliseconds since 1970. */
	readonly #now: () => number;
	readonly #byAccount: Attempts;
	readonly #byAddress: Attempts;
	readonly #bans: Bans;

	constructor(gmail: Gmail, limits: Limits, now: () => number, bans: Bans) {
		this.#gmail = gmail;
		this.#now = now;
		this.#byAccount = new Attempts(limits.accountLogins);
		this.#byAddress = new Attempts(limits.addressLogins);
		this.#bans = bans;
	}

	/** Every outcome is a verdict; none for somebody who is not wanted any more costs a check. */
	async judge(login: Login, address: string, isWanted: () => boolean): Promise<Verdict> {
		const seconds = this.#mustWait(canonicalAccount(login.email), address);
		if (seconds > 0) {
			return refuse("too_many_logins", `too many logins; try again in ${seconds} s`);
		}
		return this.#gmail.verify(login.email, login.password, isWanted);
	}

	/**
	 * Why an account that was proved cannot come in, or null. Asked at the last moment: a ban may have
	 * come while Gmail was asked. Never before: who is banned is not for a stranger to find out.
	 */
	obstacle(account: string): { code: string; text: string } | null {
		if (!this.#bans.has(account)) return null;
		return { code: "banned", text: "this account is banned from the room" };
	}

	/** Seconds until this account, and this address, may be checked again. */
	#mustWait(account: string, address: string): number {
		const byAddress = this.#byAddress.wait(address, this.#now());
		const wait = byAddress > 0 ? byAddress : this.#byAccount.wait(account, this.#now());
		return Math.ceil(wait / 1000);
	}
}
