import { connect, createServer, type Server, type Socket } from "node:net";
import { listen, portOf } from "./listen.ts";

/** Which way bytes go: up from a client to the server, or down from the server. */
export type Way = "up" | "down";
/** How a connection breaks: both ends are reset, both are told that it ends, or only one is. */
export type Cut = "reset" | "fin" | "half";

/** What happens to one connection. */
export interface Faults {
	/** Breaks it when `after` bytes have gone that way; what comes later is lost. */
	readonly cut?: { readonly way: Way; readonly after: number; readonly how: Cut };
	/** Sends every byte in a segment of its own. */
	readonly split?: boolean;
	/** Milliseconds to hold bytes back; what comes meanwhile goes on as one segment. */
	readonly delay?: number;
	/** Bytes that go each way in a millisecond, at most. */
	readonly rate?: number;
}

/**
 * One direction of one connection. The streams bound what waits here: when the receiver stalls,
 * the sender soon does too.
 */
class Lane {
	readonly #from: Socket;
	readonly #to: Socket;
	readonly #faults: Faults;
	/** Bytes that may still go before `broken` is called. */
	#left: number;
	readonly #broken: (how: Cut, lane: Lane) => void;
	/** The lane passes nothing on any more: it reads what comes and drops it. */
	isCut = false;
	/** One bit of what comes next is to arrive as its opposite. */
	#isToFlip = false;
	#stalled: PromiseWithResolvers<void> | undefined;

	constructor(
		way: Way,
		[from, to]: [Socket, Socket],
		faults: Faults,
		broken: (how: Cut, lane: Lane) => void,
	) {
		this.#from = from;
		this.#to = to;
		this.#faults = faults;
		this.#left = faults.cut?.way === way ? faults.cut.after : Number.POSITIVE_INFINITY;
		this.#broken = broken;
		void this.#run().catch(() => this.#fail());
	}

	flip(): void {
		this.#isToFlip = true;
	}

	stall(): void {
		this.#stalled ??= Promise.withResolvers();
	}

	release(): void {
		this.#stalled?.resolve();
		this.#stalled = undefined;
	}

	/** Tells the receiving end that no more will come this way. */
	end(): void {
		this.isCut = true;
		this.#to.end();
	}

	async #gate(): Promise<void> {
		while (this.#stalled) await this.#stalled.promise;
	}

	/** When one end is gone, the other end does not learn of it while the lane is stalled. */
	async #fail(): Promise<void> {
		await this.#gate();
		this.#from.destroy();
		this.#to.destroy();
	}

	async #run(): Promise<void> {
		const { delay = 0, split = false, rate, cut } = this.#faults;
		for await (const chunk of this.#from.iterator({ destroyOnReturn: false })) {
			if (delay > 0) await pause(delay);
			if (rate !== undefined) await pause(chunk.length / rate);
			await this.#gate();
			if (this.isCut) continue;
			const bytes: Buffer = chunk.subarray(0, this.#left);
			this.#left -= bytes.length;
			if (this.#isToFlip) {
				const middle = bytes.length >> 1;
				bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
				this.#isToFlip = false;
			}
			await (split ? this.#trickle(bytes) : this.#write(bytes));
			if (cut && this.#left === 0) this.#broken(cut.how, this);
		}
		await this.#gate();
		this.end();
	}

	async #trickle(bytes: Buffer): Promise<void> {
		for (let at = 0; at < bytes.length; at++) {
			await this.#write(bytes.subarray(at, at + 1));
			// Lets the receiver read first: the kernel would join the bytes again.
			await new Promise((resolve) => setImmediate(resolve));
		}
	}

	async #write(bytes: Buffer): Promise<void> {
		if (bytes.length === 0) return;
		await new Promise<void>((resolve, reject) => {
			this.#to.write(bytes, (error) => (error ? reject(error) : resolve()));
		});
	}
}

/** One client's connection, and the proxy's own to the server. */
class Connection {
	readonly lanes: Record<Way, Lane>;
	readonly #ends: [Socket, Socket];

	constructor(client: Socket, server: Socket, faults: Faults, counted: () => void) {
		this.#ends = [client, server];
		for (const end of this.#ends) {
			end.setNoDelay(true);
			// The "close" that follows an error does the rest.
			end.on("error", () => {});
		}
		const broken = (how: Cut, lane: Lane): void => {
			counted();
			this.cut(how, lane);
		};
		this.lanes = {
			up: new Lane("up", [client, server], faults, broken),
			down: new Lane("down", [server, client], faults, broken),
		};
	}

	cut(how: Cut, lane: Lane): void {
		if (how === "reset") for (const end of this.#ends) end.resetAndDestroy();
		else if (how === "half") lane.end();
		else for (const each of Object.values(this.lanes)) each.end();
	}

	destroy(): void {
		for (const end of this.#ends) end.destroy();
	}
}

/** A faulty network between clients and ports of this machine. */
export class FaultProxy implements AsyncDisposable {
	/** How many connections it has broken. */
	cuts = 0;
	/** Resets every new connection as soon as a client makes it. */
	refuses = false;
	/** Ways in which new connections are stalled from their beginning. */
	#silent: readonly Way[] = [];
	readonly #listener: Server;
	readonly #connections = new Set<Connection>();

	private constructor(choose: () => number, faults: () => Faults) {
		this.#listener = createServer({ allowHalfOpen: true }, (client) => {
			client.on("error", () => {});
			if (this.refuses) return void client.resetAndDestroy();
			const server = connect({ port: choose(), host: "127.0.0.1", allowHalfOpen: true });
			const connection = new Connection(client, server, faults(), () => this.cuts++);
			for (const way of this.#silent) connection.lanes[way].stall();
			this.#connections.add(connection);
			client.on("close", () => {
				if (server.destroyed) this.#connections.delete(connection);
			});
			server.on("close", () => {
				if (client.destroyed) this.#connections.delete(connection);
			});
		});
	}

	/**
	 * A proxy to `port`, or to one that is chosen for each connection. It calls `faults` for each of
	 * them, too; by default, there are none.
	 */
	static async open(
		port: number | (() => number),
		faults: () => Faults = () => ({}),
	): Promise<FaultProxy> {
		const proxy = new FaultProxy(typeof port === "number" ? () => port : port, faults);
		await listen(proxy.#listener);
		return proxy;
	}

	get port(): number {
		return portOf(this.#listener);
	}

	/** How many connections go through it now. */
	get size(): number {
		return this.#connections.size;
	}

	/** Breaks all current connections; `half` ends only the way down. */
	cut(how: Cut = "reset"): void {
		for (const connection of this.#connections) {
			this.cuts++;
			connection.cut(how, connection.lanes.down);
		}
	}

	/** Flips one bit, in the middle of what goes this way next, on each current connection. */
	flip(way: Way): void {
		for (const { lanes } of this.#connections) lanes[way].flip();
	}

	/** Lets nothing pass these ways through the current connections, not even their ends. */
	stall(...ways: Way[]): void {
		for (const { lanes } of this.#connections) for (const way of ways) lanes[way].stall();
	}

	/** The same, through those that are made before `release`, too. */
	silence(...ways: Way[]): void {
		this.#silent = ways;
		this.stall(...ways);
	}

	release(): void {
		this.#silent = [];
		for (const { lanes } of this.#connections) {
			for (const lane of Object.values(lanes)) lane.release();
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const closed = new Promise((resolve) => this.#listener.close(resolve));
		for (const connection of this.#connections) connection.destroy();
		await closed;
	}
}

/** Unlike Bun.sleep, does not keep the program running. */
const pause = (milliseconds: number): Promise<void> =>
	new Promise((resolve) => void setTimeout(resolve, milliseconds).unref());
