import type { GmailCredential } from "../../wire/messages/credentials.ts";
import type { Limits } from "../limits/limits.ts";
import { QueueFull, Semaphore } from "../limits/semaphore.ts";
import { compactAppPassword } from "../mail/app-password.ts";
import { type SmtpAuth, SmtpFailure, smtpLogin } from "../mail/smtp-login.ts";
import { isGmail, type SmtpServer } from "../mail/smtp-server.ts";
import { ACCEPTED, deny, type LoginResult } from "./login-result.ts";
import { smtpErrorResult } from "./smtp-error-result.ts";

/** How many logins may wait for each one that is being checked. */
const WAITING_PER_CHECK = 8;

/** Asks the mail server whether a credential proves an account. Keeps neither. */
export class GmailVerifier {
	readonly #server: SmtpServer;
	readonly #limits: Limits;
	readonly #semaphore: Semaphore;

	constructor(server: SmtpServer, limits: Limits) {
		this.#server = server;
		this.#limits = limits;
		this.#semaphore = new Semaphore(limits.gmailChecks, limits.gmailChecks * WAITING_PER_CHECK);
	}

	/** Whether the accounts are Gmail's own. */
	get isGmail(): boolean {
		return isGmail(this.#server);
	}

	/**
	 * Makes one SMTP login and never retries it; makes none if `signal` is aborted before its turn.
	 * Every outcome is a result.
	 */
	async verify(
		user: string,
		credential: GmailCredential,
		signal: AbortSignal,
	): Promise<LoginResult> {
		try {
			return await this.#semaphore.run(async () =>
				signal.aborted ? deny("busy") : this.#logIn(user, credential),
			);
		} catch (error) {
			if (error instanceof QueueFull) return deny("busy");
			throw error;
		}
	}

	/** Accepts the login only if the server answered AUTH itself with success. */
	async #logIn(user: string, credential: GmailCredential): Promise<LoginResult> {
		try {
			await smtpLogin(this.#server, authOf(user, credential), this.#limits.gmailTime);
			return ACCEPTED;
		} catch (failure) {
			if (!(failure instanceof SmtpFailure)) throw failure;
			return smtpErrorResult(failure.error, failure.asked, credential.method);
		}
	}
}

function authOf(user: string, credential: GmailCredential): SmtpAuth {
	if (credential.method === "token") return { user, pass: credential.token, method: "TOKEN" };
	return { user, pass: compactAppPassword(credential.password) };
}
