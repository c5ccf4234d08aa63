import { Connection } from "../../../../lib/server/net/connection.ts";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import type { Json } from "../../../support/programs.ts";
import type { FuzzedServer } from "../session/fuzzed-server.ts";

/** A client that takes as many bytes as a test says, and all of them by default. */
export class NarrowClient {
	readonly connection: Connection;
	/** The server has given up waiting for it. */
	isCut = false;
	readonly #server: FuzzedServer;
	readonly #fernet: Fernet;
	#n = 0;
	#capacity = Number.POSITIVE_INFINITY;
	#taken = "";

	/** Connects, and says hello. */
	constructor(server: FuzzedServer) {
		this.#server = server;
		const key = generateKey();
		this.#fernet = new Fernet(key);
		const socket = {
			...{ remoteAddress: "127.0.0.1", setNoDelay() {}, pause() {}, resume() {}, shutdown() {} },
			write: (bytes: Uint8Array, at = 0, length = bytes.length) => this.#take(bytes, at, length),
			terminate: () => {
				this.isCut = true;
			},
		};
		this.connection = new Connection(socket as never, server.context);
		const id = crypto.randomUUID().replaceAll("-", "");
		server.context.keys.save(id, key);
		this.connection.receive(Buffer.from(`FERNET-CHAT/1 ${id}\n`));
	}

	static async member(server: FuzzedServer, name: string): Promise<NarrowClient> {
		const client = new NarrowClient(server);
		client.send({ type: "login", name, email: `${name}@gmail.com`, password: "x" });
		await server.settle();
		return client;
	}

	#take(bytes: Uint8Array, at: number, length: number): number {
		const count = Math.min(length, this.#capacity);
		this.#capacity -= count;
		this.#taken += Buffer.from(bytes).toString("latin1", at, at + count);
		return count;
	}

	/** From here on it takes so many bytes more. */
	async take(bytes: number): Promise<void> {
		this.#capacity = bytes;
		this.connection.drain();
		// A connection that has taken enough is given more in a later turn.
		for (let turn = 0; turn < 3; turn++) {
			await new Promise((resolve) => setImmediate(resolve));
			await this.#server.settle();
		}
	}

	/** The line of a token with these messages. */
	token(...messages: object[]): string {
		const now = Math.floor(this.#server.now / 1000);
		return `${this.#fernet.encrypt(JSON.stringify({ n: this.#n++, messages }), { now })}\n`;
	}

	send(...messages: object[]): void {
		this.connection.receive(Buffer.from(this.token(...messages)));
	}

	/** What it was told alone, so far. */
	get told(): Json[] {
		return this.#taken
			.split("\n")
			.slice(0, -1)
			.filter((line) => line.startsWith("0 "))
			.flatMap((line) => JSON.parse(this.#fernet.decrypt(line.slice(2)).toString()).messages);
	}

	/** Lets time pass at the server. */
	async pass(milliseconds: number): Promise<void> {
		this.#server.now += milliseconds;
		this.connection.tick(this.#server.now);
		await this.#server.settle();
	}
}
