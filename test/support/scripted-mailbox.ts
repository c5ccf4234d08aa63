import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import type { LoginResult } from "../../lib/server/auth/login-result.ts";
import type { GmailCredential } from "../../lib/wire/messages/credentials.ts";
import { eventually } from "./eventually.ts";
import { listen, portOf } from "./listen.ts";
import { ROOT } from "./root.ts";

/** What a mailbox does at one step: it sends a line, or calls a function. */
export type Answer = string | ((socket: Socket) => void);
/**
 * Answers by command in lower case; `greeting` comes unasked, `other` answers all the rest. If `data`
 * is 354, the next answer comes at the end of the mail.
 */
export type Script = Record<string, Answer>;

export const GREETING = "220 mx.test ESMTP";
export const EHLO =
	"250-mx.test at your service\r\n250-SIZE 35882577\r\n250 AUTH LOGIN PLAIN XOAUTH2";
/** A mailbox that accepts every login. */
export const WILLING: Script = {
	greeting: GREETING,
	ehlo: EHLO,
	auth: "235 2.7.0 Accepted",
	other: "502 5.5.1 Unrecognized command",
};
export const silence: Answer = () => {};

/** A certificate with its key. */
export interface Identity {
	readonly cert: string;
	readonly private: string;
}

/** An SMTP server that follows a test's script, and keeps every byte that it can read. */
export class ScriptedMailbox implements AsyncDisposable {
	/** What clients sent in clear, and what they sent inside TLS. */
	clear = "";
	sealed = "";
	/** Connections so far. With `tls`, a connection counts once its handshake is done. */
	connections = 0;
	readonly #open = new Set<Socket>();
	readonly #server;

	/** `tls` encrypts from the first byte on, `startTls` from the STARTTLS command on. */
	constructor(
		readonly script: Script,
		{ tls, startTls }: { tls?: Identity; startTls?: Identity } = {},
	) {
		const options = { allowHalfOpen: true, cert: tls?.cert, key: tls?.private };
		const serve = (socket: Socket) => this.#serve(socket, startTls);
		this.#server = tls ? createTlsServer(options, serve) : createTcpServer(options, serve);
		this.#server.on("tlsClientError", () => {});
	}

	static async open(...args: ConstructorParameters<typeof ScriptedMailbox>) {
		const mailbox = new ScriptedMailbox(...args);
		await listen(mailbox.#server);
		return mailbox;
	}

	get port(): number {
		return portOf(this.#server);
	}

	/** User name and password of each AUTH PLAIN. */
	get logins(): string[][] {
		const tokens = `${this.clear}${this.sealed}`.matchAll(/^AUTH PLAIN (\S+)\r$/gm);
		return [...tokens].map(([, token = ""]) => {
			return Buffer.from(token, "base64").toString().split("\0").slice(1);
		});
	}

	/** Waits until no client holds a connection any more. */
	async waitUntilLeft(): Promise<void> {
		await eventually("every connection closed", () => this.#open.size === 0);
	}

	#serve(socket: Socket, startTls: Identity | undefined): void {
		this.connections++;
		this.#open.add(socket);
		let nagging: Timer;
		// A client that only ended its side still reads this; one that is gone sends a reset.
		socket.on("end", () => {
			nagging = setInterval(() => socket.write("250 are you there?\r\n"), 20);
		});
		socket.on("error", () => {});
		socket.on("close", () => {
			clearInterval(nagging);
			this.#open.delete(socket);
		});
		this.#talk(socket, startTls);
		this.#say(socket, this.script.greeting);
	}

	#talk(socket: Socket, startTls: Identity | undefined): void {
		let rest = "";
		let isMail = false;
		socket.on("data", (chunk: Buffer) => {
			const text = chunk.toString("latin1");
			if (socket instanceof TLSSocket) this.sealed += text;
			else this.clear += text;
			const lines = (rest + text).split("\r\n");
			rest = lines.pop() ?? "";
			for (const line of lines) {
				if (isMail && line !== ".") continue;
				const word = /^\w*/.exec(line)?.[0].toLowerCase() ?? "";
				const answer = this.script[word] ?? this.script.other;
				isMail = word === "data" && String(answer).startsWith("354");
				if (word === "starttls" && startTls) this.#upgrade(socket, startTls);
				else this.#say(socket, answer);
			}
		});
	}

	#upgrade(socket: Socket, { cert, private: key }: Identity): void {
		socket.write("220 2.0.0 Ready to start TLS\r\n");
		socket.removeAllListeners("data");
		const secure = new TLSSocket(socket, { isServer: true, cert, key });
		secure.on("error", () => {});
		this.#talk(secure, undefined);
	}

	#say(socket: Socket, answer: Answer = silence): void {
		if (typeof answer === "string") socket.write(`${answer}\r\n`);
		else answer(socket);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#open) socket.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

export const ADDRESS = "zelda.fitzgerald@gmail.com";
export const SECRET = "gatsbyandtheflap";

/** Which of the secrets a text reveals, as it stands or in base64. */
export function secretsIn(text: string): string[] {
	const words = text.match(/[A-Za-z0-9+/]{4,}={0,2}/g) ?? [];
	const read = [text, ...words.map((word) => Buffer.from(word, "base64").toString("latin1"))];
	return [ADDRESS, "zelda", SECRET].filter((secret) => read.join("\n").includes(secret));
}

export interface Answered {
	result: LoginResult;
	/** Milliseconds. */
	took: number;
}

/** A process that asks mailboxes about logins, and trusts the certificates of a test. */
export class Verifier implements AsyncDisposable {
	readonly #folder: string;
	readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;
	readonly #waiting: ((answer: Answered) => void)[] = [];

	private constructor(folder: string, NODE_EXTRA_CA_CERTS: string) {
		this.#folder = folder;
		const script = join(ROOT, "test/fixtures/verify.ts");
		this.#process = Bun.spawn([process.execPath, script], {
			env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_EXTRA_CA_CERTS },
			stdin: "pipe",
			stdout: "pipe",
			stderr: "inherit",
		});
		createInterface(Readable.fromWeb(this.#process.stdout)).on("line", (line) => {
			const { n, ...answer } = JSON.parse(line);
			this.#waiting[n]?.(answer);
		});
	}

	static async start(...trusted: Identity[]): Promise<Verifier> {
		const folder = await mkdtemp(join(tmpdir(), "fernet-chat-verify-"));
		const file = join(folder, "trusted.pem");
		await writeFile(file, trusted.map(({ cert }) => cert).join("\n"));
		return new Verifier(folder, file);
	}

	ask(
		url: string,
		{
			email = ADDRESS,
			password = SECRET,
			proof = { method: "password", password } as GmailCredential,
			gmailTime = 5000,
		} = {},
	): Promise<Answered> {
		const { promise, resolve } = Promise.withResolvers<Answered>();
		const n = this.#waiting.push(resolve) - 1;
		this.#process.stdin.write(`${JSON.stringify({ n, url, email, proof, gmailTime })}\n`);
		this.#process.stdin.flush();
		return promise;
	}

	/** Asks nothing more; resolves with the exit code once the process has ended by itself. */
	exit(): Promise<number> {
		this.#process.stdin.end();
		return this.#process.exited;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#process.kill("SIGKILL");
		await this.#process.exited;
		await rm(this.#folder, { recursive: true });
	}
}
