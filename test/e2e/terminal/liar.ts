import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channel } from "../../../lib/wire/crypto/channel.ts";
import { Fernet, generateKey } from "../../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { type ClientMessage, readClientMessage } from "../../../lib/wire/messages/messages.ts";
import { readHello } from "../../../lib/wire/transport/hello.ts";
import { sessionLines } from "../../../lib/wire/transport/server-line.ts";
import { listen, portOf } from "../../support/listen.ts";
import type { Json } from "../../support/programs.ts";

const METHODS: Json = {
	type: "login_methods",
	methods: ["password"],
	verifier: "gmail.com",
	version: "1.0.0",
};

/** A server for one client: it sends what a test wants, true or not, and checks nothing. */
export class Liar implements AsyncDisposable {
	/** What the client has sent. */
	readonly asked: ClientMessage[] = [];
	readonly #keys: string;
	readonly #answer: object;
	readonly #methods: Json;
	readonly #server: Server;
	readonly #roomKey = generateKey();
	#socket: Socket | undefined;
	#channel: Channel<{ type: string }> | undefined;
	#seq = 0;

	private constructor(keys: string, answer: object, methods: Json) {
		this.#keys = keys;
		this.#answer = answer;
		this.#methods = methods;
		this.#server = createServer((socket) => this.#meet(socket));
	}

	/**
	 * `answer` overrides fields of an honest answer to the login; `methods` answers the
	 * client's earlier question how it can log in.
	 */
	static async open(answer: object = {}, methods: Json = METHODS): Promise<Liar> {
		const keys = await mkdtemp(join(tmpdir(), "fernet-chat-liar-"));
		const liar = new Liar(keys, answer, methods);
		await listen(liar.#server);
		return liar;
	}

	clientArgs(...flags: string[]): string[] {
		return [`127.0.0.1:${portOf(this.#server)}`, "--keys", this.#keys, ...flags];
	}

	/** Bytes that the client has not taken yet. */
	get waiting(): number {
		return this.#socket?.writableLength ?? 0;
	}

	/** Sends messages under the session key, in one token. */
	tell(...messages: Json[]): void {
		for (const message of messages) this.#channel?.add(message);
		this.#socket?.write(sessionLines(this.#channel?.seal() ?? []));
	}

	/** Sends events in one token under the room key, correctly numbered. */
	batch(...events: Json[]): void {
		this.batchAt(Date.now(), ...events);
	}

	batchAt(at: number, ...events: Json[]): void {
		const batch = { seq: this.#seq + 1, at, events };
		this.#seq += events.length;
		this.#socket?.write(`1 ${new Fernet(this.#roomKey).encrypt(JSON.stringify(batch))}\n`);
	}

	/** Sends a public message from a member. */
	say(from: string, text: string): void {
		this.batch({ type: "said", from, id: crypto.randomUUID(), text });
	}

	#meet(socket: Socket): void {
		// The client may try to come back, but the test needs only its first connection.
		if (this.#socket) return void socket.destroy();
		this.#socket = socket;
		let rest = "";
		socket.on("error", () => {});
		socket.on("data", (chunk) => {
			const lines = (rest + chunk.toString("latin1")).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines) this.#hear(line);
		});
	}

	#hear(line: string): void {
		if (!this.#channel) {
			const key = new KeyFolder(this.#keys).read(readHello(line).id);
			this.#channel = new Channel(key ?? "");
			return;
		}
		for (const message of this.#channel.open(line)) this.#answerTo(readClientMessage(message));
	}

	#answerTo(message: ClientMessage): void {
		this.asked.push(message);
		if (message.type === "login_methods") return this.#accept();
		if (message.type === "leave") this.tell({ type: "closing", code: "left", text: "you left" });
		if (message.type !== "login") return;
		const { name } = message;
		const room = { epoch: 1, key: this.#roomKey, seq: 0, members: [[name, "1"]] };
		const place = { resume: "0".repeat(32), grace: 0 };
		this.tell({ type: "welcome", name, ...room, ...place, ...this.#answer });
	}

	/** The client will log in through another connection. */
	#accept(): void {
		this.tell(this.#methods);
		this.#socket = undefined;
		this.#channel = undefined;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket?.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
		// A client that ends meanwhile removes its key itself.
		await rm(this.#keys, { recursive: true, force: true });
	}
}
