import SMTPConnection from "nodemailer/lib/smtp-connection";
import { type Limits, Slots } from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";
import { ACCEPTED, BUSY, type Verdict, verdictOf } from "./verdict.ts";

/** Milliseconds for each single step; the whole has a limit of its own. */
const REACH_TIME = 10_000;
const MAX_REPLY = 64 * 1024;

/** Google shows an app password as four groups of four letters; the spaces are not part of it. */
const withoutGroups = (password: string): string =>
	/^[a-z]{4}(\s[a-z]{4}){3}$/i.test(password) ? password.replaceAll(/\s/g, "") : password;

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
			return await this.#slots.run(() => this.#logIn(email, withoutGroups(password)));
		} catch {
			// Too many wait for their turn; the login itself never throws.
			return BUSY;
		}
	}

	/** Accepted only once the server has answered AUTH itself with success. */
	#logIn(user: string, pass: string): Promise<Verdict> {
		const { promise, resolve } = Promise.withResolvers<Verdict>();
		const connection = this.#connection();
		let asked = false;
		const fail = (error: unknown): void => resolve(verdictOf(error, asked));
		// A reply that drips in outlives each of the library's timeouts.
		const timer = setTimeout(fail, this.#limits.gmailTime, { code: "ETIMEDOUT" });
		connection.on("error", fail);
		connection.on("end", () => fail({ code: "ECONNECTION" }));
		connection.connect((error) => {
			if (error) return fail(error);
			// Over a connection that offers no AUTH, the library would call a greeting a success.
			if (!connection.allowsAuth) return fail({ code: "ENOAUTH" });
			asked = true;
			connection.login({ user, pass }, (error) => {
				if (error) return fail(error);
				// RFC 4954: 235 and no other reply says that somebody is authenticated.
				if (/^235\b/.test(String(connection.lastServerResponse))) resolve(ACCEPTED);
				else fail({ code: "EPROTOCOL" });
			});
		});
		return promise.finally(() => {
			clearTimeout(timer);
			connection.close();
		});
	}

	#connection(): SMTPConnection {
		const { host, port, secure } = this.#mailbox;
		return new SMTPConnection({
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
	}
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
