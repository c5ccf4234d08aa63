import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { randomId } from "../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../lib/wire/keys/key-folder.ts";
import { LineReader } from "../../lib/wire/transport/line-reader.ts";
import { MAX_SERVER_LINE } from "../../lib/wire/transport/server-line.ts";
import { eventually } from "./eventually.ts";
import { addressOf, PASSWORD } from "./mailbox.ts";
import type { ClientSocket } from "./page-socket.ts";
import type { Json, Stage } from "./programs.ts";
import { WireReader } from "./wire-reader.ts";

// Hundreds of members in one process: of what they hear, they keep only counts and the few
// messages that are for them alone.

export type Place = Pick<Stage, "port" | "keys"> & Partial<Pick<Stage, "knock" | "isPaged">>;

/** A member that checks the order of what it hears and forgets it. */
export class Guest implements AsyncDisposable {
	readonly id = randomId();
	readonly name: string;
	/** The newest token to resume with. */
	token = "";
	/** The number of the last event heard, and how many private lines came. */
	seq = 0;
	private = 0;
	readonly visits = new Map<unknown, unknown>();
	/** How many texts it heard, and how many events the history had lost when it resumed. */
	heard = 0;
	lost = 0;
	/** What the server sent to it alone, except private lines. */
	readonly messages: Json[] = [];
	/** Faults of the server: an event out of order, received twice, or missing. */
	readonly faults: string[] = [];
	closed = false;
	readonly #socket: ClientSocket;
	readonly #fernet: Fernet;
	readonly #lines = new LineReader(MAX_SERVER_LINE);
	readonly #echoes = new Map<string, (ms: number) => void>();
	readonly #reader: WireReader;
	#n = 0;
	#ids = 0;

	constructor(place: Place, name: string, localAddress = "127.0.0.1") {
		const { port, keys, knock, isPaged } = place;
		this.name = name;
		const key = generateKey();
		this.#fernet = new Fernet(key);
		this.#reader = new WireReader(this.#fernet);
		if (!isPaged) new KeyFolder(keys).save(this.id, key);
		this.#socket = knock?.({ localAddress }) ?? connect({ port, host: "127.0.0.1", localAddress });
		this.#socket.setNoDelay(true);
		this.#socket.on("data", (chunk) => this.#hear(Buffer.from(chunk)));
		this.#socket.on("close", () => {
			this.closed = true;
		});
		// The server may close a connection by resetting it.
		this.#socket.on("error", () => {});
		this.#socket.write(`FERNET-CHAT/1 ${this.id}${isPaged ? ` ${key}` : ""}\n`);
	}

	/** Logs a member in, and waits for its welcome. */
	static async join(place: Place, name: string, localAddress?: string): Promise<Guest> {
		const guest = new Guest(place, name, localAddress);
		guest.send({ type: "login", name, email: addressOf(name), password: PASSWORD });
		await guest.waitFor("welcome");
		return guest;
	}

	/** Asks to resume by a new connection, and does not wait for the answer. */
	static resuming(place: Place, old: Guest): Guest {
		const guest = new Guest(place, old.name);
		const { token, seq, private: heard } = old;
		Object.assign(guest, { token, seq, private: heard });
		for (const [name, visit] of old.visits) guest.visits.set(name, visit);
		guest.send({ type: "resume", token, seq, private: heard });
		return guest;
	}

	/** Resumes by a new connection, and waits for the answer. */
	static async resume(place: Place, old: Guest): Promise<Guest> {
		const guest = Guest.resuming(place, old);
		await guest.waitFor("resumed");
		return guest;
	}

	/** How many room keys the server sent it. */
	get keys(): number {
		return this.#reader.keys;
	}

	send(message: object): void {
		this.#socket.write(
			`${this.#fernet.encrypt(JSON.stringify({ n: this.#n++, messages: [message] }))}\n`,
		);
	}

	/** Says a text; resolves at its echo, with the milliseconds that the echo took. */
	say(text: string): Promise<number> {
		const id = `${this.id.slice(0, 16)}-${++this.#ids}`;
		const said = performance.now();
		const { promise, resolve } = Promise.withResolvers<number>();
		this.#echoes.set(id, () => resolve(performance.now() - said));
		this.send({ type: "say", id, text });
		return promise;
	}

	tell(to: string, text: string): void {
		const id = `${this.id.slice(0, 16)}-${++this.#ids}`;
		this.send({ type: "tell", id, to, visit: this.visits.get(to), text });
	}

	/** Reads nothing until `wake` is called. */
	stall(): void {
		this.#socket.pause();
	}

	wake(): void {
		this.#socket.resume();
	}

	/** Resets the connection without a goodbye. */
	cut(): void {
		this.#socket.resetAndDestroy();
	}

	async leave(): Promise<void> {
		this.send({ type: "leave" });
		await this.waitUntilClosed();
	}

	waitFor(type: string): Promise<Json> {
		const found = () => `${this.name} closed ${this.closed}, has ${JSON.stringify(this.messages)}`;
		return eventually(type, () => this.messages.find((message) => message.type === type), found);
	}

	waitUntilClosed(): Promise<true> {
		return eventually(`${this.name}'s connection closed`, () => this.closed);
	}

	#hear(chunk: Buffer): void {
		this.#lines.push(chunk, (line) => {
			if (line.startsWith("FERNET-CHAT/1 ")) return void this.faults.push(line);
			for (const message of this.#reader.read(line).messages) this.#take(message);
		});
	}

	#take(message: Json): void {
		const { type, seq, id } = message;
		if (type === "joined") this.visits.set(message.name, message.visit);
		if (type === "told") this.private++;
		else if (type === "welcome" || type === "resumed") this.#enter(message);
		else if (seq === undefined) this.messages.push(message);
		else if (seq !== this.seq + 1) this.faults.push(`${type} ${seq} after ${this.seq}`);
		else this.seq++;
		if (type !== "said" && type !== "told") return;
		if (type === "said") this.heard++;
		const echo = this.#echoes.get(String(id));
		this.#echoes.delete(String(id));
		echo?.(0);
	}

	#enter(message: Json): void {
		const lost = message.lost;
		this.token = String(message.resume);
		const members = (message.members ?? []) as [name: string, visit: string][];
		for (const [name, visit] of members) this.visits.set(name, visit);
		if (message.type === "welcome") this.seq = Number(message.seq);
		else if (typeof lost === "object" && lost && "events" in lost && "private" in lost) {
			this.lost = Number(lost.events);
			this.seq += this.lost;
			this.private += Number(lost.private);
		}
		this.messages.push(message);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.destroy();
	}
}

/** Connections that send nothing on their own, and keep what the server tells them. */
export class Unauthenticated implements AsyncDisposable {
	readonly #sockets: ClientSocket[];
	/** What the server told each connection, by index. */
	readonly told: string[] = [];
	closed = 0;

	/** With `stay`, they keep their side open when the server ends its own. */
	constructor(
		where: number | Pick<Stage, "knock">,
		count: number,
		{ stay = false, from = "127.0.0.1" } = {},
	) {
		this.#sockets = Array.from({ length: count }, (_, i) => {
			const how = { localAddress: from, allowHalfOpen: stay };
			const socket: ClientSocket =
				typeof where === "number"
					? connect({ port: where, host: "127.0.0.1", ...how })
					: where.knock(how);
			this.told.push("");
			socket.setEncoding("latin1");
			socket.on("data", (text: string) => {
				this.told[i] += text;
			});
			socket.on("close", () => this.closed++);
			socket.on("error", () => {});
			return socket;
		});
	}

	get connected(): number {
		return this.#sockets.filter((socket) => socket.readyState === "open").length;
	}

	/** How many connections the server refused for want of a place. */
	get refused(): number {
		return this.told.filter((text) =>
			/^FERNET-CHAT\/1 error (too_many_connections|lobby_full) /.test(text),
		).length;
	}

	async waitUntilConnected(): Promise<void> {
		const found = () => `${this.connected} open, ${this.closed} closed`;
		const all = this.#sockets.length;
		await eventually("all connected", () => this.connected + this.closed >= all, found);
	}

	/** Sends the `i`-th byte of a text from each connection. */
	drip(text: string, i: number): void {
		for (const socket of this.#sockets) if (socket.writable) socket.write(text[i] ?? "");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
	}
}

/** What the system reports of a process: bytes in memory, and open descriptors. */
export async function usage(pid: number): Promise<{ rss: number; descriptors: number }> {
	const status = await Bun.file(`/proc/${pid}/status`).text();
	const rss = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
	return { rss, descriptors: (await readdir(`/proc/${pid}/fd`)).length };
}

export function median(numbers: readonly number[]): number {
	return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
