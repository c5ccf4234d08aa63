import type SMTPConnection from "nodemailer/lib/smtp-connection";
import { ask, type SmtpAuth, SmtpFailure, smtpLogin } from "./smtp-login.ts";
import type { SmtpServer } from "./smtp-server.ts";

// The mail library has a pool too. It cannot do all but send, and logs in again by itself.

/** Times in milliseconds. */
interface PoolTimes {
	/** How long a connection stays logged in without a mail. */
	readonly idle: number;
	/** How long no login is tried after one that failed. */
	readonly pause: number;
}
/** RFC 5321 asks servers to wait 5 minutes for the next command. */
const TIMES: PoolTimes = { idle: 4 * 60_000, pause: 60_000 };
/** Seconds that an idle connection has to show that it still works. */
const CHECK_SECONDS = 3;

/**
 * Connections of one account that stay logged in from mail to mail: mail servers shut out an account
 * that logs in often, and anybody can request a code.
 */
export class SmtpPool {
	readonly #server: SmtpServer;
	readonly #auth: SmtpAuth;
	readonly #times: PoolTimes;
	/** The one used last comes last, and is used next: those that are not needed close. */
	readonly #idle: SMTPConnection[] = [];
	/** The last login that failed after the server had seen the password. */
	#refusal: { readonly failure: SmtpFailure; readonly at: number } | undefined;

	constructor(server: SmtpServer, auth: SmtpAuth, times = TIMES) {
		this.#server = server;
		this.#auth = auth;
		this.#times = times;
	}

	/**
	 * Passes a connection that is logged in to `use`, which calls back when it is done. All of it must
	 * finish within `seconds`. Throws SmtpFailure if there is no login, else what `use` gives.
	 */
	async use(
		seconds: number,
		use: (connection: SMTPConnection, done: (error?: unknown) => void) => void,
	): Promise<void> {
		const deadline = performance.now() + seconds * 1000;
		const secondsLeft = (): number => (deadline - performance.now()) / 1000;
		const connection = (await this.#takeIdle()) ?? (await this.#logIn(secondsLeft()));
		try {
			await ask(connection, secondsLeft(), (done) => use(connection, done));
			this.#idle.push(connection);
		} catch (error) {
			// A refusal concerns this one mail. After anything else, a reply might still be on its way.
			if (typeof Object(error).responseCode === "number") this.#idle.push(connection);
			else connection.close();
			throw error;
		}
	}

	/** RSET ends what a refused mail began, and shows that the server is still there. */
	async #takeIdle(): Promise<SMTPConnection | undefined> {
		const connection = this.#idle.pop();
		try {
			if (connection) await ask(connection, CHECK_SECONDS, (done) => connection.reset(done));
			return connection;
		} catch {
			connection?.close();
			return undefined;
		}
	}

	async #logIn(seconds: number): Promise<SMTPConnection> {
		const { failure, at = 0 } = this.#refusal ?? {};
		if (failure && performance.now() < at + this.#times.pause) throw failure;
		try {
			const connection = await smtpLogin(this.#server, this.#auth, seconds, this.#times.idle);
			connection.once("end", () => this.#forget(connection));
			return connection;
		} catch (failure) {
			const isRefusal = failure instanceof SmtpFailure && failure.asked;
			if (isRefusal) this.#refusal = { failure, at: performance.now() };
			throw failure;
		}
	}

	#forget(connection: SMTPConnection): void {
		const index = this.#idle.indexOf(connection);
		if (index >= 0) this.#idle.splice(index, 1);
	}
}
