import { connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "../../support/eventually.ts";
import { listen, portOf } from "../../support/listen.ts";

/** The TLS record that carries a hello, a token or the end of a handshake. */
const APPLICATION_DATA = 0x17;

/**
 * What a client sends before its first token, its first token included: two lines in clear. Over
 * TLS, where a line is a record, the end of the handshake is one more.
 */
export const FIRST_WORDS = { clear: 2, tls: 3 } as const;
type Kind = keyof typeof FIRST_WORDS;

/** Where `units` whole lines or records end in the bytes of a client; what precedes them counts. */
function endOf(bytes: Buffer, units: number, kind: Kind): number {
	let [at, left] = [0, units];
	while (at < bytes.length) {
		const isUnit = kind === "clear" || bytes[at] === APPLICATION_DATA;
		const end =
			kind === "clear" ? bytes.indexOf("\n", at) + 1 : at + 5 + bytes.readUInt16BE(at + 3);
		if (isUnit && left-- === 0) return at;
		if (end <= at || end > bytes.length) return at;
		at = end;
	}
	return at;
}

/** A client's connection, of which the server gets no more than some lines, until `release`. */
class HeldConnection {
	readonly #client: Socket;
	readonly #server: Socket;
	readonly #kind: Kind;
	#limit: number;
	#sent = Buffer.alloc(0);
	#passed = 0;

	constructor(client: Socket, port: number, kind: Kind, limit: number) {
		this.#client = client;
		this.#server = connect(port, "127.0.0.1");
		this.#kind = kind;
		this.#limit = limit;
		for (const socket of [client, this.#server]) socket.setNoDelay(true).on("error", () => {});
		client.on("data", (chunk: Buffer) => {
			this.#sent = Buffer.concat([this.#sent, chunk]);
			this.#pass();
		});
		this.#server.on("data", (chunk) => client.write(chunk));
		this.#server.on("end", () => client.end());
	}

	/** Waits until the client has sent this many lines or records. */
	async waitUntilSent(units: number): Promise<void> {
		const isSent = () =>
			endOf(this.#sent, units, this.#kind) > endOf(this.#sent, units - 1, this.#kind);
		await eventually(`${units} lines`, isSent);
	}

	/** The client's end of the connection breaks; the server learns nothing of it. */
	cut(): void {
		this.#client.resetAndDestroy();
	}

	/** What was held back arrives after all. */
	release(): void {
		this.#limit = Number.POSITIVE_INFINITY;
		this.#pass();
	}

	destroy(): void {
		this.#client.destroy();
		this.#server.destroy();
	}

	#pass(): void {
		const end = endOf(this.#sent, this.#limit, this.#kind);
		this.#server.write(this.#sent.subarray(this.#passed, end));
		this.#passed = Math.max(this.#passed, end);
	}
}

/** A network on which each connection holds back what exceeds its own limit. */
export class LateProxy implements AsyncDisposable {
	readonly connections: HeldConnection[] = [];
	readonly #listener: Server;

	private constructor(port: number, kind: Kind, limits: readonly number[]) {
		this.#listener = createServer((client) => {
			const limit = limits[this.connections.length] ?? Number.POSITIVE_INFINITY;
			this.connections.push(new HeldConnection(client, port, kind, limit));
		});
	}

	/** `limits`: how many lines or records of the first, second, … connection go through at first. */
	static async open(port: number, kind: Kind, limits: readonly number[]): Promise<LateProxy> {
		const proxy = new LateProxy(port, kind, limits);
		await listen(proxy.#listener);
		return proxy;
	}

	get port(): number {
		return portOf(this.#listener);
	}

	/** The `index`-th connection, once a client has made it. */
	connection(index: number): Promise<HeldConnection> {
		return eventually(`connection ${index}`, () => this.connections[index]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#listener.close(resolve));
		for (const connection of this.connections) connection.destroy();
		await closed;
	}
}
