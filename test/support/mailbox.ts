import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { listen } from "./listen.ts";
import { certificate } from "./mailbox-certificate.ts";

/** The password of every account in the mailbox. */
export const PASSWORD = "abcdefghijklmnop";

/** An address of a member's own: Gmail has not all the characters that a name may have. */
export const addressOf = (name: string): string =>
	`${name.replaceAll(/[^A-Za-z0-9.]/g, "x")}@gmail.com`;

/** The access token of one account. */
export const tokenOf = (email: string): string =>
	`ya29.${Buffer.from(email).toString("base64url")}`;

type Connection = Parameters<SMTPServer["connections"]["add"]>[0];

/** What Gmail answers to a token that it does not accept. */
const BAD_TOKEN = { status: "400", schemes: "Bearer", scope: "https://mail.google.com/" };

export interface Mailbox extends AsyncDisposable {
	/** The value of `--smtp`. */
	readonly url: string;
	/** Environment that makes a program trust the mailbox's certificate. */
	readonly trust: { NODE_EXTRA_CA_CERTS: string };
	/** The addresses of all logins that it was asked to check, in order. */
	readonly logins: string[];
	/** The mails that it was given to send, in order. */
	readonly mails: Mail[];
}

export interface Mail {
	readonly from: string;
	readonly to: readonly string[];
	/** The whole mail, headers included. */
	readonly text: string;
}

/**
 * The library greets a client only after a tenth of a second, to catch one that talks too soon: as
 * long as all else in a login takes. In place of `add` of its set of connections, this makes the
 * new one greet at once.
 */
function addPrompt(this: SMTPServer["connections"], connection: Connection) {
	connection.init = () => connection._setListeners(() => connection.connectionReady());
	return Set.prototype.add.call(this, connection) as SMTPServer["connections"];
}

/**
 * A real SMTP server on loopback that stands in for Gmail's. It accepts any address, with one
 * password for all and a token for each. With `isClear` it takes no TLS.
 */
export async function openMailbox(identity = certificate(), isClear = false): Promise<Mailbox> {
	const folder = await mkdtemp(join(tmpdir(), "fernet-chat-mailbox-"));
	const { cert, private: key } = await identity;
	const trusted = join(folder, "mailbox.pem");
	await writeFile(trusted, cert);

	const logins: string[] = [];
	const mails: Mail[] = [];
	const server = new SMTPServer({
		secure: !isClear,
		...(isClear && { disabledCommands: ["STARTTLS"] }),
		disableReverseLookup: true,
		cert,
		key,
		authMethods: ["PLAIN", "LOGIN", "XOAUTH2"],
		onAuth({ method, username = "", password, accessToken }, _session, answer) {
			logins.push(username);
			if (method === "XOAUTH2") {
				if (accessToken === tokenOf(username)) return answer(null, { user: username });
				return answer(null, { data: BAD_TOKEN });
			}
			if (password === PASSWORD) return answer(null, { user: username });
			const refusal = new Error("5.7.8 Username and Password not accepted");
			answer(Object.assign(refusal, { responseCode: 535 }));
		},
		async onData(stream, { envelope }, answer) {
			const { mailFrom, rcptTo } = envelope;
			const text = await new Response(stream).text();
			const from = mailFrom ? mailFrom.address : "";
			mails.push({ from, to: rcptTo.map(({ address }) => address), text });
			answer();
		},
	});
	server.connections.add = addPrompt;
	// Without this listener, one failed handshake would end the process.
	server.on("error", () => {});
	const port = await listen(server.server);
	return {
		url: `${isClear ? "smtp" : "smtps"}://localhost:${port}`,
		trust: { NODE_EXTRA_CA_CERTS: trusted },
		logins,
		mails,
		async [Symbol.asyncDispose]() {
			await new Promise<void>((resolve) => server.close(resolve));
			await rm(folder, { recursive: true });
		},
	};
}
