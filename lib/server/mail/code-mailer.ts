import { FairSemaphore, type Origin } from "../limits/fair-semaphore.ts";
import { compactAppPassword } from "./app-password.ts";
import { SmtpFailure, smtpLogin } from "./smtp-login.ts";
import type { SmtpServer } from "./smtp-server.ts";

/** Minutes for which a code is valid. */
export const CODE_MINUTES = 10;

/** The account that codes are mailed from, and its mail server. */
export interface CodeMailerOptions {
	readonly server: SmtpServer;
	readonly user: string;
	readonly password: string;
}

/** Mails sent at once, mails that may wait, and seconds that one may take. */
const MAX_AT_ONCE = 4;
const MAX_WAITING = 512;
const TIMEOUT_SECONDS = 30;

/** Mails codes. Warns the operator of any failure, without naming the code. */
export class CodeMailer {
	readonly #options: CodeMailerOptions;
	readonly #warn: (sentence: string) => void;
	readonly #semaphore = new FairSemaphore(MAX_AT_ONCE, MAX_WAITING);

	constructor(options: CodeMailerOptions, warn: (sentence: string) => void) {
		this.#options = options;
		this.#warn = warn;
	}

	/** Whether one more mail may wait. Only then call `send`, so that no mail has to go for it. */
	hasRoomFor(origin: Origin): boolean {
		return this.#semaphore.hasRoomFor(origin);
	}

	/** Mails a code that a client at `ip` requested. The caller does not wait for it. */
	async send(account: string, code: string, ip: string, origin: Origin): Promise<void> {
		try {
			await this.#semaphore.run(origin, () => this.#send(account, codeMail(code, ip)));
		} catch (failure) {
			const error = failure instanceof SmtpFailure ? failure.error : failure;
			this.#warn(`The server could not mail a code (${smtpReplyOf(error)}).`);
		}
	}

	async #send(account: string, text: string): Promise<void> {
		const { server, user, password } = this.#options;
		// Loaded on demand: most servers mail nothing, and so start sooner.
		const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
		const mail = new MailComposer({
			from: { name: "fernet-chat", address: user },
			to: { name: "", address: account },
			subject: "Your fernet-chat code",
			text,
			// Asks mail programs not to send a holiday note in return.
			headers: { "Auto-Submitted": "auto-generated" },
		});
		const message = await mail.compile().build();
		const auth = { user, pass: compactAppPassword(password) };
		// We give the envelope ourselves, so that no header can add a recipient.
		const envelope = { from: user, to: [account] };
		await smtpLogin(server, auth, TIMEOUT_SECONDS, (connection, done) =>
			connection.send(envelope, message, done),
		);
	}
}

const codeMail = (code: string, ip: string): string => `Your fernet-chat code is ${code}

Enter it where fernet-chat asks for it. It works once, within ${CODE_MINUTES} minutes.
Do not share it with anybody.

It was requested from the network address ${ip}.
If that was not you, you need not do anything.
`;

/** The mail library's code and reply number, never a sentence that might quote the mail. */
function smtpReplyOf(error: unknown): string {
	const { code, responseCode }: Record<string, unknown> = Object(error);
	const word = /^[A-Za-z_]{1,20}$/.test(String(code)) ? String(code) : "unknown";
	return typeof responseCode === "number" ? `${word}, ${responseCode}` : word;
}
