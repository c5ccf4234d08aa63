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
 * Makes one SMTP login within `seconds`, and never retries it. The connection is the caller's to
 * close; it closes itself after `idleTime` milliseconds without a byte. Throws SmtpFailure.
 */
export async function smtpLogin(
	server: SmtpServer,
	auth: SmtpAuth,
	seconds: number,
	idleTime = seconds * 1000,
): Promise<SMTPConnection> {
	const connection = await createConnection(server, seconds * 1000, idleTime);
	// Without a listener, an error while nobody asks anything would end the process.
	connection.on("error", () => {});
	let asked = false;
	try {
		await ask(connection, seconds, (done) => {
			connection.connect((error) => {
				if (error) return done(error);
				// If the server does not offer AUTH, the library would take its greeting for a success.
				if (!connection.allowsAuth) return done({ code: "ENOAUTH" });
				asked = true;
				connection.login({ ...auth }, (error) => {
					// RFC 4954: only the reply 235 says that the user is authenticated.
					const isAccepted = /^235\b/.test(String(connection.lastServerResponse));
					done(error ?? (isAccepted ? undefined : { code: "EPROTOCOL" }));
				});
			});
		});
		return connection;
	} catch (error) {
		connection.close();
		throw new SmtpFailure(error, asked);
	}
}

/** Waits until `command` calls back. Throws its error, the connection's, or ETIMEDOUT after `seconds`. */
export async function ask(
	connection: SMTPConnection,
	seconds: number,
	command: (done: (error?: unknown) => void) => void,
): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const onEnd = (): void => reject({ code: "ECONNECTION" });
	// A reply that drips in outlasts each of the library's timeouts.
	const timer = setTimeout(reject, seconds * 1000, { code: "ETIMEDOUT" });
	connection.on("error", reject);
	connection.on("end", onEnd);
	try {
		command((error) => (error ? reject(error) : resolve()));
		await promise;
	} finally {
		clearTimeout(timer);
		connection.off("error", reject);
		connection.off("end", onEnd);
	}
}

/** The mail library's code for a fault; for a certificate whose time is wrong, that of TLS. */
export function smtpFaultCode(error: unknown): string {
	const { code, originalCode }: Record<string, unknown> = Object(error);
	return String(/^CERT_[A-Z_]{1,30}$/.test(String(originalCode)) ? originalCode : code);
}

/** `limit` and `idleTime`: milliseconds. */
async function createConnection(
	{ host, port, secure }: SmtpServer,
	limit: number,
	idleTime: number,
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
		socketTimeout: idleTime,
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
