import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { listen, portOf } from "../../support/listen.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Bot, type Json } from "../../support/programs.ts";

const PLACE = { epoch: 1, key: generateKey(), seq: 1, resume: "0".repeat(32) };
const WELCOME = { ...PLACE, name: "ann", members: [["ann", "v"]], grace: 60_000 };
const METHODS = { methods: ["password"], verifier: "gmail.com", version: "1" };
const RESUMED = { ...PLACE, lost: { events: 0, private: 0 } };

/** What a client asks to come back with, once it has been let in here. */
export const RESUME = { type: "resume", token: PLACE.resume, seq: 1, private: 0 };
/** Takes a connection's hello and first message, and answers it with tokens. */
async function takeFirst(socket: Socket, keys: string): Promise<Json & { answer: Answer }> {
	let received = "";
	for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
		received += chunk.toString("latin1");
		const [hello = "", token, whole] = received.split("\n");
		if (token === undefined || whole === undefined) continue;
		const fernet = new Fernet(new KeyFolder(keys).read(hello.split(" ")[1] ?? "") ?? "");
		const { messages } = JSON.parse(Buffer.from(fernet.decrypt(token)).toString());
		const answer = (...said: object[]): void => {
			socket.write(`0 ${fernet.encrypt(JSON.stringify({ n: 0, messages: said }))}\n`);
		};
		return { ...messages[0], answer };
	}
	throw new Error(`ended after ${received}`);
}

type Answer = (...messages: object[]) => void;

/** A code for a connection's number, if there is one. */
type Codes = (index: number) => string | undefined;

/**
 * A server that lets ann in, lets her come back, unless `denial` has a reason against it, and ends
 * each connection for the reason that `closing` has.
 */
export class ScriptedServer implements AsyncDisposable {
	/** The first message of each connection, unless it only asks how to log in. */
	readonly firsts: Json[] = [];
	readonly #server: Server;
	readonly #keys: string;

	private constructor(keys: string, closing: Codes, denial: Codes) {
		this.#keys = keys;
		this.#server = createServer(async (socket) => {
			socket.on("error", () => {});
			const { answer, ...first } = await takeFirst(socket, keys);
			if (first.type === "login_methods") {
				answer({ ...METHODS, type: "login_methods" });
				return socket.end();
			}
			const [code, denied] = [closing(this.firsts.length), denial(this.firsts.length)];
			this.firsts.push(first);
			if (denied !== undefined) {
				answer({ type: "denied", code: denied, text: "No." });
				return socket.end();
			}
			const isBack = first.type === "resume";
			const entry = isBack ? { type: "resumed", ...RESUMED } : { type: "welcome", ...WELCOME };
			if (code === undefined) return answer(entry);
			answer(entry, { type: "closing", code, text: "Goodbye." });
			socket.end();
		});
	}

	static async open(closing: Codes, denial: Codes = () => undefined): Promise<ScriptedServer> {
		const keys = await mkdtemp(join(tmpdir(), "fernet-chat-scripted-"));
		const server = new ScriptedServer(keys, closing, denial);
		await listen(server.#server);
		return server;
	}

	get port(): number {
		return portOf(this.#server);
	}

	/** Starts ann's client. */
	ann(...flags: string[]): Bot {
		return this.annAt(`127.0.0.1:${this.port}`, ...flags);
	}

	/** The same, but she knows the server by other addresses. */
	annAt(addresses: string, ...flags: string[]): Bot {
		const place = [addresses, "--keys", this.#keys];
		const who = ["--name", "ann", "--email", "ann@gmail.com"];
		return Bot.local([...place, ...who, ...flags], { FERNET_CHAT_PASSWORD: PASSWORD });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.close();
		await rm(this.#keys, { recursive: true });
	}
}
