import type { Credential } from "../../wire/credentials.ts";
import type { Limits } from "../limits/limits.ts";
import { Slots } from "../limits/semaphore.ts";
import { withoutGroups } from "../mail/app-password.ts";
import { type SmtpAuth, SmtpFailure, smtpLogin } from "../mail/smtp-login.ts";
import type { Mailbox } from "../mail/smtp-server.ts";
import { ACCEPTED, BUSY, type Verdict, verdictOf } from "./login-result.ts";

/** Logins that may wait for each that is being checked. */
const QUEUE = 8;

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
