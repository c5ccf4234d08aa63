import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Limits } from "./limits.ts";
import type { Mailbox } from "./mailbox.ts";
import { Slots } from "./slots.ts";
import { ACCEPTED, BUSY, type Verdict, verdictOf } from "./verdict.ts";

/** Milliseconds for each single step; the whole has a limit of its own. */
const REACH_TIME = 10_000;
/** Logins that may wait for each that is being checked. */
const QUEUE = 8;
const MAX_REPLY = 64 * 1024;

/** Google shows an app password as four groups of four letters; the spaces are not part of it. */
const withoutGroups = (password: string): string =>
	/^[a-z]{4}(\s[a-z]{4}){3}$/i.test(password) ? password.replaceAll(/\s/g, "") : password;

/** Asks the mailbox whether an address and password are an account of its. Keeps neither. */
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
	async verify(email: string, password: string, isWanted: () => boolean): Promise<Verdict> {
		try {
			return await this.#slots.run(async () =>
				isWanted() ? this.#logIn(email, withoutGroups(password)) : BUSY,
			);
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
		const timer = setTimeout(fail, this.#limits.gmailTime * 1000, { code: "ETIMEDOUT" });
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
			// A name server must not decide where this machine is.
			...(host === "localhost" ? { host: "127.0.0.1", servername: host } : { host }),
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
