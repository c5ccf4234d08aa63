import type { Credential } from "../wire/proof.ts";
import type { Limits } from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";
import { Slots } from "./slots.ts";
import { type SmtpAuth, SmtpFailure, smtpLogin } from "./smtp.ts";
import { ACCEPTED, BUSY, type Verdict, verdictOf } from "./verdict.ts";

/** Logins that may wait for each that is being checked. */
const QUEUE = 8;

/** Google shows an app password as four groups of four letters; the spaces are not part of it. */
export const withoutGroups = (password: string): string =>
	/^[a-z]{4}(\s[a-z]{4}){3}$/i.test(password) ? password.replaceAll(/\s/g, "") : password;

/** Asks the mailbox whether an address and a proof are an account of its. Keeps neither. */
export class Gmail {
	readonly #mailbox: Mailbox;
	readonly #limits: Limits;
	readonly #slots: Slots;

	constructor(mailbox: Mailbox, limits: Limits) {
		this.#mailbox = mailbox;
		this.#limits = limits;
		this.#slots = new Slots(limits.gmailChecks, limits.gmailChecks * QUEUE);
	}

	/**
	 * One SMTP login, never repeated by itself, and none for somebody who has gone while waiting for
	 * a turn. Every outcome is a verdict; nothing is thrown.
	 */
	async verify(email: string, proof: Credential, isWanted: () => boolean): Promise<Verdict> {
		try {
			return await this.#slots.run(async () => (isWanted() ? this.#logIn(email, proof) : BUSY));
		} catch {
			// Too many wait for their turn; the login itself never throws.
			return BUSY;
		}
	}

	/** Accepted only once the server has answered AUTH itself with success. */
	async #logIn(user: string, proof: Credential): Promise<Verdict> {
		try {
			await smtpLogin(this.#mailbox, authOf(user, proof), this.#limits.gmailTime);
			return ACCEPTED;
		} catch (failure) {
			if (!(failure instanceof SmtpFailure)) throw failure;
			return verdictOf(failure.error, failure.asked, proof.way);
		}
	}
}

function authOf(user: string, proof: Credential): SmtpAuth {
	if (proof.way === "token") return { user, pass: proof.token, method: "TOKEN" };
	return { user, pass: withoutGroups(proof.password) };
}
