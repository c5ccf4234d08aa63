import SMTPConnection, {
	type SMTPConnectionCustomAuthHandler,
} from "nodemailer/lib/smtp-connection";
import { isLoopback } from "../../util/host-port.ts";
import type { SmtpServer } from "./smtp-server.ts";

/** Milliseconds for each single step; the whole has a limit of its own. */
const STEP_TIMEOUT = 10_000;
const MAX_REPLY_BYTES = 64 * 1024;

/** What a mail server is shown: a password, or an OAuth 2 access token as if it were one. */
export interface SmtpAuth {
	readonly user: string;
	readonly pass: string;
	readonly method?: "TOKEN";
}

/** What went wrong, as the mail library has it, and whether the mail server had been shown anything. */
export class SmtpFailure {
	constructor(
		readonly error: unknown,
		readonly asked: boolean,
	) {}
}

/**
 * One SMTP login, never repeated by itself, and what `then` does with the connection: all of it
 * within so many seconds. Throws SmtpFailure.
 */
export function smtpLogin(
	server: SmtpServer,
	auth: SmtpAuth,
	seconds: number,
	then = (_: SMTPConnection, done: (error?: unknown) => void): void => done(),
): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const connection = createConnection(server);
	let asked = false;
	const fail = (error: unknown): void => reject(new SmtpFailure(error, asked));
	// A reply that drips in outlives each of the library's timeouts.
	const timer = setTimeout(fail, seconds * 1000, { code: "ETIMEDOUT" });
	connection.on("error", fail);
	connection.on("end", () => fail({ code: "ECONNECTION" }));
	connection.connect((error) => {
		if (error) return fail(error);
		// Over a connection that offers no AUTH, the library would call a greeting a success.
		if (!connection.allowsAuth) return fail({ code: "ENOAUTH" });
		asked = true;
		connection.login({ ...auth }, (error) => {
			if (error) return fail(error);
			// RFC 4954: 235 and no other reply says that somebody is authenticated.
			if (!/^235\b/.test(String(connection.lastServerResponse))) return fail({ code: "EPROTOCOL" });
			then(connection, (error) => (error ? fail(error) : resolve()));
		});
	});
	return promise.finally(() => {
		clearTimeout(timer);
		connection.close();
	});
}

function createConnection({ host, port, secure }: SmtpServer): SMTPConnection {
	return new SMTPConnection({
		// A name server must not decide where this machine is.
		...(host === "localhost" ? { host: "127.0.0.1", servername: host } : { host }),
		port,
		secure,
		// Only this machine may be told a password in clear; anyone else must offer STARTTLS.
		requireTLS: !secure && !isLoopback(host),
		connectionTimeout: STEP_TIMEOUT,
		greetingTimeout: STEP_TIMEOUT,
		dnsTimeout: STEP_TIMEOUT,
		socketTimeout: STEP_TIMEOUT,
		// Hanging up means hanging up, also on a server that never stops talking.
		socketCloseTimeout: 0,
		maxResponseSize: MAX_REPLY_BYTES,
		logger: false,
		customAuth: { TOKEN: authXoauth2 },
	});
}

/**
 * AUTH XOAUTH2, once. The library's own would ask for a fresh token and try again; and under its name
 * the library would show the token as a password where that comes first.
 */
const authXoauth2: SMTPConnectionCustomAuthHandler = ({ auth, sendCommand, resolve, reject }) => {
	const { user, pass } = auth.credentials;
	const sasl = Buffer.from(`user=${user}\x01auth=Bearer ${pass}\x01\x01`).toString("base64");
	const refuse = (): void => reject("the token was not accepted");
	sendCommand(`AUTH XOAUTH2 ${sasl}`, (_, { status }) => {
		if (status === 235) return resolve();
		// A challenge tells what is wrong, and wants an empty answer before the refusal itself comes.
		if (status === 334) return sendCommand("", refuse);
		refuse();
	});
};
