import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Identity } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { listen, portOf } from "../../support/listen.ts";

/** Somebody on the way who answers in a server's place, and keeps every byte that can be read. */
export class Pretender implements AsyncDisposable {
	/** What came, as far as it can be read: in clear, or inside TLS. */
	heard: Buffer = Buffer.alloc(0);
	connections = 0;
	readonly #open = new Set<Socket>();
	readonly #server: Server;

	/** With a certificate it speaks TLS; without, it gives the `answer` to whatever comes. */
	private constructor({ identity, answer }: Means) {
		const serve = (socket: Socket): void => {
			socket.on("data", (bytes: Buffer) => {
				this.heard = Buffer.concat([this.heard, bytes]);
				if (answer === HANG_UP) socket.end();
				else if (typeof answer === "string") socket.write(answer);
				else if (answer && bytes[0] === HANDSHAKE) socket.write(answer(bytes));
			});
			socket.on("error", () => {});
		};
		this.#server = identity ? createTlsServer({ ...identity }, serve) : createServer(serve);
		this.#server.on("tlsClientError", () => {});
		this.#server.on("connection", (socket) => {
			this.connections++;
			this.#open.add(socket);
			socket.on("close", () => this.#open.delete(socket));
		});
	}

	static async open(means: Means = {}): Promise<Pretender> {
		const pretender = new Pretender(means);
		await listen(pretender.#server);
		return pretender;
	}

	get port(): number {
		return portOf(this.#server);
	}

	/** Waits until somebody has come, and nobody is left: what they send has all arrived. */
	async waitUntilLeft(): Promise<void> {
		await eventually("everybody gone", () => this.connections > 0 && this.#open.size === 0);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#open) socket.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

const HANDSHAKE = 0x16;
/** An answer without a word. */
export const HANG_UP = Symbol("hang up");

interface Means {
	readonly identity?: Identity;
	readonly answer?: string | typeof HANG_UP | ((clientHello: Buffer) => Buffer);
}

/** A network on which a client's way leads where the test says, to another port from one moment on. */
export class Detour implements AsyncDisposable {
	readonly #listener: Server;
	readonly #open = new Set<Socket>();

	private constructor(public target: number) {
		this.#listener = createServer((client) => {
			const server = connect(this.target, "127.0.0.1");
			for (const [one, other] of [
				[client, server],
				[server, client],
			] as const) {
				this.#open.add(one);
				one.pipe(other);
				one.on("error", () => other.destroy());
				one.on("close", () => this.#open.delete(one));
			}
		});
	}

	static async open(target: number): Promise<Detour> {
		const detour = new Detour(target);
		await listen(detour.#listener);
		return detour;
	}

	get port(): number {
		return portOf(this.#listener);
	}

	/** From here on to another port, for the connections there are too: they break. */
	turn(target: number): void {
		this.target = target;
		for (const socket of this.#open) socket.destroy();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#open) socket.destroy();
		await new Promise((resolve) => this.#listener.close(resolve));
	}
}
