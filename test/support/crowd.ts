import { readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { randomId } from "../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../lib/wire/fernet.ts";
import { KeyFolder } from "../../lib/wire/key-folder.ts";
import { LineReader } from "../../lib/wire/line-reader.ts";
import { MAX_SERVER_LINE } from "../../lib/wire/server-line.ts";
import { eventually } from "./eventually.ts";
import { PASSWORD } from "./mailbox.ts";
import type { Json, Stage } from "./programs.ts";
import { WireReader } from "./wire-reader.ts";

// Members by the hundred in one process: they keep nothing of what they hear but counts, and the
// few messages that are for them alone.

type Place = Pick<Stage, "port" | "keys">;

/** A member that checks the order of what it hears and forgets it. */
export class Guest implements AsyncDisposable {
	readonly id = randomId();
	readonly name: string;
	/** What to come back with. */
	token = "";
	/** The last event heard, and how many private lines. */
	seq = 0;
	told = 0;
	/** How many things were said, as far as heard; and what the log no longer had for us. */
	heard = 0;
	lost = 0;
	/** What was told under the session key, but for private lines. */
	readonly messages: Json[] = [];
	/** What must not have happened: an event out of order, one twice, one missing. */
	readonly faults: string[] = [];
	closed = false;
	readonly #socket: Socket;
	readonly #fernet: Fernet;
	readonly #lines = new LineReader(MAX_SERVER_LINE);
	readonly #echoes = new Map<string, (ms: number) => void>();
	readonly #reader: WireReader;
	#n = 0;
	#ids = 0;

	constructor({ port, keys }: Place, name: string, localAddress = "127.0.0.1") {
		this.name = name;
		const key = generateKey();
		this.#fernet = new Fernet(key);
		this.#reader = new WireReader(this.#fernet);
		new KeyFolder(keys).save(this.id, key);
		this.#socket = connect({ port, host: "127.0.0.1", localAddress });
		this.#socket.setNoDelay(true);
		this.#socket.on("data", (chunk) => this.#hear(Buffer.from(chunk)));
		this.#socket.on("close", () => {
			this.closed = true;
		});
		// A reset is one way for the server to close.
		this.#socket.on("error", () => {});
		this.#socket.write(`FERNET-CHAT/1 ${this.id}\n`);
	}

	/** A member that has been let in. */
	static async join(place: Place, name: string, localAddress?: string): Promise<Guest> {
		const guest = new Guest(place, name, localAddress);
		guest.send({ type: "login", name, email: `${name}@gmail.com`, password: PASSWORD });
		await guest.waitFor("welcome");
		return guest;
	}

	/** The same member by a new connection, its answer still to come. */
	static resuming(place: Place, old: Guest): Guest {
		const guest = new Guest(place, old.name);
		const { token, seq, told } = old;
		Object.assign(guest, { token, seq, told });
		guest.send({ type: "resume", token, seq, told });
		return guest;
	}

	/** The same member, let in again. */
	static async resume(place: Place, old: Guest): Promise<Guest> {
		const guest = Guest.resuming(place, old);
		await guest.waitFor("resumed");
		return guest;
	}

	/** How many room keys it was told. */
	get keys(): number {
		return this.#reader.keys;
	}

	send(message: object): void {
		this.#socket.write(`${this.#fernet.encrypt(JSON.stringify({ n: this.#n++, ...message }))}\n`);
	}

	/** Says a text; resolves at its echo with the milliseconds that it took. */
	say(text: string): Promise<number> {
		const id = `${this.id.slice(0, 16)}-${++this.#ids}`;
		const said = performance.now();
		const { promise, resolve } = Promise.withResolvers<number>();
		this.#echoes.set(id, () => resolve(performance.now() - said));
		this.send({ type: "say", id, text });
		return promise;
	}

	tell(to: string, text: string): void {
		this.send({ type: "tell", id: `${this.id.slice(0, 16)}-${++this.#ids}`, to, text });
	}

	/** Reads nothing more, until it wakes. */
	stall(): void {
		this.#socket.pause();
	}

	wake(): void {
		this.#socket.resume();
	}

	/** Gone, without a word. */
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
		if (type === "told") this.told++;
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
		if (message.type === "welcome") this.seq = Number(message.seq);
		else if (typeof lost === "object" && lost && "events" in lost && "told" in lost) {
			this.lost = Number(lost.events);
			this.seq += this.lost;
			this.told += Number(lost.told);
		}
		this.messages.push(message);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.destroy();
	}
}

/** Connections that say nothing of themselves, and keep what they were told. */
export class Unauthenticated implements AsyncDisposable {
	readonly #sockets: Socket[];
	/** What each was told, by its number. */
	readonly told: string[] = [];
	closed = 0;

	/** Those that stay do not hang up when they are hung up on. */
	constructor(port: number, count: number, { stay = false, from = "127.0.0.1" } = {}) {
		this.#sockets = Array.from({ length: count }, (_, i) => {
			const socket = connect({ port, host: "127.0.0.1", localAddress: from, allowHalfOpen: stay });
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

	/** How many were told that there is no place for them. */
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

	/** The `i`-th byte of a text from each. */
	drip(text: string, i: number): void {
		for (const socket of this.#sockets) if (socket.writable) socket.write(text[i] ?? "");
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
	}
}

/** What the system has on a process: bytes in memory, and open descriptors. */
export async function usage(pid: number): Promise<{ rss: number; descriptors: number }> {
	const status = await Bun.file(`/proc/${pid}/status`).text();
	const rss = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
	return { rss, descriptors: (await readdir(`/proc/${pid}/fd`)).length };
}

export function median(numbers: readonly number[]): number {
	return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
