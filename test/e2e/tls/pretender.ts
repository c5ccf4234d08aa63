import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type SecureVersion } from "node:tls";
import type { Identity } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { listen, portOf } from "../../support/listen.ts";

/** An attacker that answers in a server's place, and keeps every byte it can read. */
export class Pretender implements AsyncDisposable {
	/** The readable bytes it received: in clear, or from inside TLS. */
	heard: Buffer = Buffer.alloc(0);
	connections = 0;
	readonly #open = new Set<Socket>();
	readonly #server: Server;

	/** With a certificate it speaks TLS; without, it gives `answer` to whatever it receives. */
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

	/** Waits until clients have come and gone: everything that they sent has arrived. */
	async waitUntilLeft(): Promise<void> {
		await eventually("everybody gone", () => this.connections > 0 && this.#open.size === 0);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#open) socket.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}

const HANDSHAKE = 0x16;
/** Closes the connection instead of an answer. */
export const HANG_UP = Symbol("hang up");

interface Means {
	/** With the versions of TLS that it speaks, if not all of them. */
	readonly identity?: Identity & { minVersion?: SecureVersion; maxVersion?: SecureVersion };
	readonly answer?: string | typeof HANG_UP | ((clientHello: Buffer) => Buffer);
}

/** A relay that leads clients to a port, which a test can change. */
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

	/** Leads clients to another port from now on, and breaks the open connections. */
	turn(target: number): void {
		this.target = target;
		for (const socket of this.#open) socket.destroy();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#open) socket.destroy();
		await new Promise((resolve) => this.#listener.close(resolve));
	}
}
