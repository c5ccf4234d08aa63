import type SMTPConnection from "nodemailer/lib/smtp-connection";
import type { SMTPConnectionCustomAuthHandler } from "nodemailer/lib/smtp-connection";
import { isLoopback } from "../../util/host-port.ts";
import type { SmtpServer } from "./smtp-server.ts";

const MAX_REPLY_BYTES = 64 * 1024;

/** What we show a mail server: a password, or an OAuth 2 access token in its place. */
export interface SmtpAuth {
	readonly user: string;
	readonly pass: string;
	readonly method?: "TOKEN";
}

/** The mail library's error, and whether we had shown the mail server a credential by then. */
export class SmtpFailure {
	constructor(
		readonly error: unknown,
		readonly asked: boolean,
	) {}
}

/**
 * Makes one SMTP login and never retries it, then passes the connection to `then`; all of it must
 * finish within `seconds`. Throws SmtpFailure.
 */
export async function smtpLogin(
	server: SmtpServer,
	auth: SmtpAuth,
	seconds: number,
	then = (_: SMTPConnection, done: (error?: unknown) => void): void => done(),
): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const limit = seconds * 1000;
	const connection = await createConnection(server, limit);
	let asked = false;
	const fail = (error: unknown): void => reject(new SmtpFailure(error, asked));
	// A reply that drips in outlasts each of the library's timeouts.
	const timer = setTimeout(fail, limit, { code: "ETIMEDOUT" });
	connection.on("error", fail);
	connection.on("end", () => fail({ code: "ECONNECTION" }));
	connection.connect((error) => {
		if (error) return fail(error);
		// If the server does not offer AUTH, the library would take its greeting for a success.
		if (!connection.allowsAuth) return fail({ code: "ENOAUTH" });
		asked = true;
		connection.login({ ...auth }, (error) => {
			if (error) return fail(error);
			// RFC 4954: only the reply 235 says that the user is authenticated.
			if (!/^235\b/.test(String(connection.lastServerResponse))) return fail({ code: "EPROTOCOL" });
			then(connection, (error) => (error ? fail(error) : resolve()));
		});
	});
	return promise.finally(() => {
		clearTimeout(timer);
		connection.close();
	});
}

/** The mail library's code for a fault; for a certificate whose time is wrong, that of TLS. */
export function smtpFaultCode(error: unknown): string {
	const { code, originalCode }: Record<string, unknown> = Object(error);
	return String(/^CERT_[A-Z_]{1,30}$/.test(String(originalCode)) ? originalCode : code);
}

/** `limit`: milliseconds. */
async function createConnection(
	{ host, port, secure }: SmtpServer,
	limit: number,
): Promise<SMTPConnection> {
	// Loaded at the first login: a server starts sooner without it.
	const { default: SMTPConnection } = await import("nodemailer/lib/smtp-connection");
	return new SMTPConnection({
		// A name server must not decide where this machine is.
		...(host === "localhost" ? { host: "127.0.0.1", servername: host } : { host }),
		port,
		secure,
		// Only this machine may get a password in clear; any other must offer STARTTLS.
		requireTLS: !secure && !isLoopback(host),
		// Any one step may take all the time: the library's own limits would be shorter, or minutes.
		connectionTimeout: limit,
		greetingTimeout: limit,
		dnsTimeout: limit,
		socketTimeout: limit,
		// Hang up at once, even on a server that never stops talking.
		socketCloseTimeout: 0,
		maxResponseSize: MAX_REPLY_BYTES,
		logger: false,
		customAuth: { TOKEN: authXoauth2 },
	});
}

/**
 * Sends AUTH XOAUTH2, once. The library's own handler would request a fresh token and retry. And if
 * ours had that name, the library would send the token as a password to a server that lists
 * password methods first.
 */
const authXoauth2: SMTPConnectionCustomAuthHandler = ({ auth, sendCommand, resolve, reject }) => {
	const { user, pass } = auth.credentials;
	const sasl = Buffer.from(`user=${user}\x01auth=Bearer ${pass}\x01\x01`).toString("base64");
	const refuse = (): void => reject("the token was not accepted");
	sendCommand(`AUTH XOAUTH2 ${sasl}`, (_, { status }) => {
		if (status === 235) return resolve();
		// A challenge says what is wrong, and wants an empty answer before the actual rejection comes.
		if (status === 334) return sendCommand("", refuse);
		refuse();
	});
};
