import SMTPConnection from "nodemailer/lib/smtp-connection";
import { ChatError } from "../wire/errors.ts";
import { type Limits, Slots } from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";

/** What came of one login. `code` is for programs, `text` tells the person what to do. */
export type Verdict = { accepted: true } | { accepted: false; code: string; text: string };

/** Milliseconds for each single step; the whole has a limit of its own. */
const REACH_TIME = 10_000;
const MAX_REPLY = 64 * 1024;
const APP_PASSWORDS = "https://myaccount.google.com/apppasswords";

/** Google shows an app password as four groups of four letters; the spaces are not part of it. */
const withoutGroups = (password: string): string =>
	/^[a-z]{4}( [a-z]{4}){3}$/i.test(password) ? password.replaceAll(" ", "") : password;

/** One account has many spellings; this is the one that names, limits and bans go by. */
export function canonicalAccount(email: string): string {
	const [local = "", domain = ""] = email.toLowerCase().split("@");
	const plain = local.replace(/\+.*$/, "");
	if (domain !== "gmail.com" && domain !== "googlemail.com") return `${plain}@${domain}`;
	return `${plain.replaceAll(".", "")}@gmail.com`;
}

/** Asks the mailbox whether an address and password are an account of its. Keeps neither. */
export class Gmail {
	readonly #mailbox: Mailbox;
	readonly #limits: Limits;
	readonly #slots: Slots;

	constructor(mailbox: Mailbox, limits: Limits) {
		this.#mailbox = mailbox;
		this.#limits = limits;
		this.#slots = new Slots(limits.gmailChecks, limits.gmailQueue);
	}

	/** One SMTP login, never repeated by itself. Every outcome is a verdict; nothing is thrown. */
	async verify(email: string, password: string): Promise<Verdict> {
		try {
			await this.#slots.run(() => this.#logIn(email, withoutGroups(password)));
			return { accepted: true };
		} catch (error) {
			return verdictOf(error);
		}
	}

	/** Resolves only once the server has answered AUTH with success. */
	#logIn(user: string, pass: string): Promise<void> {
		const { host, port, secure } = this.#mailbox;
		const connection = new SMTPConnection({
			host,
			port,
			secure,
			// Only this machine may be told a password in clear; anyone else must offer STARTTLS.
			requireTLS: !secure && !isLoopback(host),
			connectionTimeout: REACH_TIME,
			greetingTimeout: REACH_TIME,
			dnsTimeout: REACH_TIME,
			socketTimeout: REACH_TIME,
			// Hanging up means hanging up, also on a server that never stops talking.
			socketCloseTimeout: 0,
			maxResponseSize: MAX_REPLY,
			logger: false,
		});
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		// A reply that drips in outlives each of the library's timeouts.
		const late = new ChatError("ETIMEDOUT", "no answer in time");
		const timer = setTimeout(reject, this.#limits.gmailTime, late);
		connection.on("error", reject);
		connection.on("end", () => reject(new ChatError("ECONNECTION", "connection closed")));
		connection.connect((error) => {
			if (error) return reject(error);
			if (!connection.allowsAuth) return reject(new ChatError("ENOAUTH", "no AUTH offered"));
			connection.login({ user, pass }, (error) => (error ? reject(error) : resolve()));
		});
		return promise.finally(() => {
			clearTimeout(timer);
			connection.close();
		});
	}
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);

const refuse = (code: string, text: string): Verdict => ({ accepted: false, code, text });

const WRONG = refuse(
	"wrong_password",
	`Gmail did not accept this address and app password. The account's normal password does not work here; make an app password at ${APP_PASSWORDS}`,
);

/** By the reply's code and words: a 454 or 421 during AUTH says nothing about the password. */
function verdictOf(error: unknown): Verdict {
	const { code, responseCode, response } = fieldsOf(error);
	if (code === "busy") return refuse("busy", "many people are logging in; try again in a minute");
	switch (responseCode) {
		case 534:
		case 535:
			if (/application-specific/i.test(response)) {
				return refuse(
					"app_password_needed",
					`Gmail wants an app password for this account; make one at ${APP_PASSWORDS}`,
				);
			}
			if (/web ?browser|5\.7\.14/i.test(response)) {
				return refuse(
					"browser_needed",
					"Google wants you to sign in to this account in a web browser first; then try again",
				);
			}
			return WRONG;
		case 454:
		case 421:
			if (/too many login/i.test(response)) {
				return refuse(
					"too_many_logins",
					"Gmail has seen too many logins to this account; wait some minutes. Your password may well be right",
				);
			}
			return refuse(
				"gmail_busy",
				"Gmail cannot check logins at the moment; your password was not judged. Try again later",
			);
	}
	if (code === "EAUTH" && responseCode !== undefined && responseCode >= 500) return WRONG;
	return refuse(
		"gmail_unreachable",
		`the mail server could not be reached, or could not prove who it is (${code}); your password was not judged. Try again later`,
	);
}

function fieldsOf(error: unknown): { code: string; responseCode?: number; response: string } {
	const raw: Record<string, unknown> =
		typeof error === "object" && error !== null ? { ...error } : {};
	const fields = {
		code: typeof raw.code === "string" && /^\w{1,24}$/.test(raw.code) ? raw.code : "EUNKNOWN",
		response: typeof raw.response === "string" ? raw.response : "",
	};
	return typeof raw.responseCode === "number"
		? { ...fields, responseCode: raw.responseCode }
		: fields;
}
