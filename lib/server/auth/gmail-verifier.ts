import { GMAIL_NAME } from "../../wire/errors/error-codes.ts";
import type { GmailCredential } from "../../wire/messages/credentials.ts";
import type { Limits } from "../limits/limits.ts";
import { type SmtpAuth, SmtpFailure, smtpLogin } from "../mail/smtp-login.ts";
import { smtpPassword } from "../mail/smtp-password.ts";
import { isGmail, type SmtpServer } from "../mail/smtp-server.ts";
import { ACCEPTED, type LoginResult } from "./login-result.ts";
import { smtpErrorResult } from "./smtp-error-result.ts";

/** Asks the mail server whether a credential proves an account. Keeps neither. */
export class GmailVerifier {
	readonly #server: SmtpServer;
	readonly #limits: Limits;

	constructor(server: SmtpServer, limits: Limits) {
		this.#server = server;
		this.#limits = limits;
	}

	/** Whether the accounts are Gmail's own. */
	get isGmail(): boolean {
		return isGmail(this.#server);
	}

	/**
	 * Makes one SMTP login and never retries it. Accepts only if the server answered AUTH itself with
	 * success. Every outcome is a result.
	 */
	async verify(user: string, credential: GmailCredential): Promise<LoginResult> {
		try {
			const auth = this.#authOf(user, credential);
			const connection = await smtpLogin(this.#server, auth, this.#limits.gmailTime);
			connection.close();
			return ACCEPTED;
		} catch (failure) {
			if (!(failure instanceof SmtpFailure)) throw failure;
			const service = this.isGmail ? GMAIL_NAME : this.#server.host;
			return smtpErrorResult(failure.error, failure.asked, credential.method, service);
		}
	}

	#authOf(user: string, credential: GmailCredential): SmtpAuth {
		if (credential.method === "token") return { user, pass: credential.token, method: "TOKEN" };
		return { user, pass: smtpPassword(this.#server, credential.password) };
	}
}
