import { Semaphore } from "../limits/semaphore.ts";
import { compactAppPassword } from "./app-password.ts";
import { SmtpFailure, smtpLogin } from "./smtp-login.ts";
import type { SmtpServer } from "./smtp-server.ts";

/** For how long a code is good, in minutes. */
export const CODE_MINUTES = 10;

/** Whose account codes are mailed from. */
export interface CodeMailerOptions {
	readonly server: SmtpServer;
	readonly user: string;
	readonly password: string;
}

/** Mails that are sent at once, those that may wait, and seconds that one may take. */
const MAX_AT_ONCE = 4;
const MAX_WAITING = 64;
const TIMEOUT_SECONDS = 30;

/** Mails codes. What goes wrong is for the owner to hear, without the code. */
export class CodeMailer {
	readonly #options: CodeMailerOptions;
	readonly #warn: (sentence: string) => void;
	readonly #semaphore = new Semaphore(MAX_AT_ONCE, MAX_WAITING);

	constructor(options: CodeMailerOptions, warn: (sentence: string) => void) {
		this.#options = options;
		this.#warn = warn;
	}

	/** To an account, for somebody who asked from a network address. Nobody waits for it. */
	async send(account: string, code: string, ip: string): Promise<void> {
		try {
			await this.#semaphore.run(() => this.#send(account, codeMail(code, ip)));
		} catch (failure) {
			const error = failure instanceof SmtpFailure ? failure.error : failure;
			this.#warn(`a code could not be mailed (${smtpReplyOf(error)})`);
		}
	}

	async #send(account: string, text: string): Promise<void> {
		const { server, user, password } = this.#options;
		// Loaded when it is needed: most servers mail nothing, and start the sooner.
		const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
		const mail = new MailComposer({
			from: { name: "fernet-chat", address: user },
			to: { name: "", address: account },
			subject: "Your fernet-chat code",
			text,
			// Nobody's holiday note shall answer.
			headers: { "Auto-Submitted": "auto-generated" },
		});
		const message = await mail.compile().build();
		const auth = { user, pass: compactAppPassword(password) };
		// An envelope of our own, so that no header is read for who else might get it.
		const envelope = { from: user, to: [account] };
		await smtpLogin(server, auth, TIMEOUT_SECONDS, (connection, done) =>
			connection.send(envelope, message, done),
		);
	}
}

const codeMail = (code: string, ip: string): string => `Your code for fernet-chat is ${code}

It is good once, for ${CODE_MINUTES} minutes, on the page that asks for it.
Tell it to nobody.

It was asked for from the network address ${ip}.
If that was not you, there is nothing you need to do.
`;

/** A word and a number of the mail library's, never a sentence that might quote the mail. */
function smtpReplyOf(error: unknown): string {
	const { code, responseCode }: Record<string, unknown> = Object(error);
	const word = /^[A-Za-z_]{1,20}$/.test(String(code)) ? String(code) : "unknown";
	return typeof responseCode === "number" ? `${word}, ${responseCode}` : word;
}
