import type { Socket } from "bun";
import { ProtocolError } from "../../util/errors.ts";
import { Channel } from "../../wire/channel.ts";
import { generateKey } from "../../wire/fernet.ts";
import { hello, readClearError } from "../../wire/hello.ts";
import { generateId, type KeyFolder } from "../../wire/key-folder.ts";
import { Lines } from "../../wire/line-reader.ts";
import {
	type ClientMessage,
	type RoomEvent,
	readServerMessage,
	type ServerMessage,
} from "../../wire/messages.ts";
import { Outbox } from "../../wire/outbox.ts";
import { RoomKey } from "../../wire/room-key.ts";
import { MAX_SERVER_LINE, readServerLine } from "../../wire/server-line.ts";
import { Queue } from "./async-queue.ts";
import { dial, type Receiver, Unreachable } from "./dial.ts";
import type { Route } from "./endpoint.ts";

/** What is heard from the room. Keys are used up on the way and never reach the screen. */
export type Heard = Exclude<ServerMessage, { type: "rekey" | "missed" | "pong" }> | RoomEvent;

/** How much of the room a member has heard: the last event's number, and how many private lines. */
export interface Progress {
	readonly seq: number;
	readonly told: number;
}

/** Answers to a `resume` after which there is no place to come back to. */
export const GONE: ReadonlySet<string> = new Set(["no_resume", "kicked", "banned"]);

/** Milliseconds of silence after which we ask, and after which the connection counts as broken. */
const ASK_AFTER = 10_000;
const BROKEN_AFTER = 25_000;
/** The same before the welcome: Gmail may be slow, and others may be asked about first. */
const UNWELCOME_AFTER = 60_000;
const LOOK = 1000;

/** Messages that may wait to be shown before the server is made to wait instead. */
const AHEAD = 4096;

/** One connection to the server, and its key, from hello to the end. */
export class Connection implements AsyncIterableIterator<Heard, void>, Receiver {
	readonly #keys: KeyFolder | undefined;
	readonly #id: string;
	readonly #channel: Channel<ServerMessage, ClientMessage>;
	readonly #lines = new Lines(MAX_SERVER_LINE);
	readonly #heard = new Queue<Heard>();
	readonly #socket: Socket<unknown>;
	readonly #outbox: Outbox;
	#paused = false;
	/** Silence that is put up with, in milliseconds: Gmail may keep a newcomer waiting. */
	#patience = UNWELCOME_AFTER;
	readonly #clock: Timer;
	#heardAt = Date.now();
	#askedAt = Date.now();
	#roomKey: RoomKey | undefined;
	#seq = 0;
	#told = 0;
	/** The server has said why it hangs up. */
	#dismissed = false;

	private constructor({ keys }: Route, id: string, key: string, socket: Socket<unknown>) {
		this.#keys = keys;
		this.#id = id;
		this.#channel = new Channel(key, readServerMessage);
		this.#socket = socket;
		this.#outbox = new Outbox(socket);
		this.#clock = setInterval(() => this.#look(), LOOK);
		this.#write(keys ? hello(id) : hello(id, key));
	}

	get progress(): Progress {
		return { seq: this.#seq, told: this.#told };
	}

	/**
	 * Makes a key, saves it where a server on this machine looks for it, connects and says hello. Throws
	 * Unreachable, Untrusted or KeyFolderError.
	 */
	static async open(route: Route): Promise<Connection> {
		const { keys } = route;
		const id = generateId();
		const key = generateKey();
		keys?.publish(id, key);
		try {
			const socket = await dial(route);
			const connection = new Connection(route, id, key, socket);
			socket.data = connection;
			return connection;
		} catch (error) {
			keys?.remove(id);
			throw error;
		}
	}

	/** The next thing the server says; done after its goodbye. Throws ChatError when it breaks off. */
	async next(): Promise<IteratorResult<Heard, void>> {
		if (this.#paused && this.#heard.length === 0) {
			this.#paused = false;
			this.#socket.resume();
		}
		return this.#heard.next();
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	send(message: ClientMessage): void {
		this.#write(this.#channel.seal(message));
	}

	/** Asks for the rest of a membership whose connection broke at `progress`. */
	resume(token: string, { seq, told }: Progress): void {
		this.#seq = seq;
		this.#told = told;
		this.#patience = BROKEN_AFTER;
		this.send({ type: "resume", token, seq, told });
	}

	/** Hangs up without a word. */
	close(): void {
		this.#socket.terminate();
	}

	hear(chunk: Buffer): void {
		this.#heardAt = Date.now();
		try {
			this.#lines.push(chunk, (line) => this.#take(line));
		} catch (error) {
			this.#heard.end(error);
			this.close();
		}
		if (this.#heard.length < AHEAD || this.#paused) return;
		this.#paused = true;
		this.#socket.pause();
	}

	drain(): void {
		this.#outbox.drain();
	}

	closed(): void {
		clearInterval(this.#clock);
		this.#keys?.remove(this.#id);
		const lost = new Unreachable("server_lost", "the connection to the server was lost");
		this.#heard.end(this.#dismissed ? undefined : lost);
	}

	/** A cable that was pulled says nothing: only an answer that does not come tells of it. */
	#look(): void {
		const now = Date.now();
		// While we do not read, silence is our own.
		if (this.#paused) this.#heardAt = now;
		if (now - this.#heardAt >= this.#patience) this.close();
		if (now - Math.max(this.#heardAt, this.#askedAt) < ASK_AFTER || !this.#roomKey) return;
		this.#askedAt = now;
		this.send({ type: "ping" });
	}

	#write(line: string): void {
		this.#outbox.write(Buffer.from(`${line}\n`, "latin1"));
	}

	#take(line: string): void {
		const refusal = readClearError(line);
		// Said in clear by whoever answered: believed only while there was nothing to encrypt with,
		// and never that our place is gone, which the server says sealed.
		if (refusal && !this.#roomKey) {
			const code = GONE.has(refusal.code) ? "unproven" : refusal.code;
			return this.#pass({ type: "denied", code, text: refusal.text });
		}
		const sealed = readServerLine(line);
		if (!sealed) throw new ProtocolError("not_fernet_chat", "this is no fernet-chat server");
		if (sealed.epoch === 0) return this.#obey(this.#channel.open(sealed.token));
		if (sealed.epoch !== this.#roomKey?.epoch) {
			throw new ProtocolError("bad_epoch", "a message came under a key that is not in force");
		}
		const { events, next } = this.#roomKey.open(sealed.token);
		for (const event of events) this.#happened(event);
		if (next) this.#rekey(next.epoch, next.key);
	}

	#obey(message: ServerMessage): void {
		switch (message.type) {
			case "rekey":
				return this.#rekey(message.epoch, message.key);
			case "missed":
				for (const event of message.events) {
					if (event.type === "told") this.#obey(event);
					else this.#happened(event);
				}
				return;
			case "pong":
				return;
			case "welcome":
				this.#patience = BROKEN_AFTER;
				this.#rekey(message.epoch, message.key);
				this.#seq = message.seq;
				break;
			case "resumed":
				this.#rekey(message.epoch, message.key);
				this.#seq += message.lost.events;
				this.#told += message.lost.told;
				// The server keeps our older token until it knows that the newer one has arrived.
				this.send({ type: "ping" });
				break;
			case "told":
				this.#told++;
				break;
		}
		this.#pass(message);
	}

	#happened(event: RoomEvent): void {
		if (event.seq !== ++this.#seq) {
			throw new ProtocolError("bad_order", "the room's messages came out of order");
		}
		this.#pass(event);
	}

	#rekey(epoch: number, key: string): void {
		if (epoch <= (this.#roomKey?.epoch ?? 0)) {
			throw new ProtocolError("bad_epoch", "the server went back to an older key");
		}
		this.#roomKey = new RoomKey(epoch, key);
	}

	#pass(message: Heard): void {
		if (message.type === "closing" || message.type === "denied") this.#dismissed = true;
		this.#heard.push(message);
	}
}
