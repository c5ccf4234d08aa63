import type { Socket } from "bun";
import { randomId } from "../../util/random-id.ts";
import { Channel } from "../../wire/channel.ts";
import { generateKey } from "../../wire/fernet.ts";
import { hello, readClearError } from "../../wire/hello.ts";
import type { KeyFolder } from "../../wire/key-folder.ts";
import { LineReader } from "../../wire/line-reader.ts";
import {
	type ClientMessage,
	readServerMessage,
	type SequencedEvent,
	type ServerMessage,
} from "../../wire/messages.ts";
import { Outbox } from "../../wire/outbox.ts";
import { nextStep, ProtocolError, reason } from "../../wire/reason.ts";
import { RoomKey } from "../../wire/room-key.ts";
import { MAX_SERVER_LINE, readServerLine } from "../../wire/server-line.ts";
import { AsyncQueue } from "./async-queue.ts";
import { dial, type Receiver, Unreachable } from "./dial.ts";
import type { ServerTarget } from "./endpoint.ts";

/** What a connection passes on. It handles `rekey`, `missed` and `pong` itself. */
export type Incoming =
	| Exclude<ServerMessage, { type: "rekey" | "missed" | "pong" }>
	| SequencedEvent;

/** How much a member has received: the last event's number, and how many private messages. */
export interface Progress {
	readonly seq: number;
	readonly told: number;
}

/** Whether a code says that the member has lost its place, so that it cannot resume. */
export const isPlaceLost = (code: string): boolean =>
	["log_in", "stay_away"].includes(nextStep(code) ?? "");

/** Milliseconds of silence after which we send a ping, and after which the connection is broken. */
const PING_AFTER = 10_000;
const TIMEOUT = 25_000;
/** Replaces TIMEOUT during a login: Gmail may be slow, and other logins may come first. */
const LOGIN_TIMEOUT = 60_000;
/** Milliseconds between two checks for silence. */
const HEARTBEAT_INTERVAL = 1000;

/** Messages that may wait to be shown; beyond them we stop reading, and the server waits. */
const MAX_UNREAD = 4096;

/** One connection to the server, and its session key, from the hello to the end. */
export class Connection implements AsyncIterableIterator<Incoming, void>, Receiver {
	readonly #keys: KeyFolder | undefined;
	readonly #id: string;
	readonly #channel: Channel<ServerMessage, ClientMessage>;
	readonly #lineReader = new LineReader(MAX_SERVER_LINE);
	readonly #incoming = new AsyncQueue<Incoming>();
	readonly #socket: Socket<unknown>;
	readonly #outbox: Outbox;
	#paused = false;
	/** Milliseconds of silence that we tolerate; longer during a login. */
	#timeout = LOGIN_TIMEOUT;
	readonly #heartbeat: Timer;
	#lastReceivedAt = Date.now();
	#lastPingAt = Date.now();
	#roomKey: RoomKey | undefined;
	#seq = 0;
	#told = 0;
	/** The server has said why it will hang up. */
	#isClosedByServer = false;

	private constructor({ keys }: ServerTarget, id: string, key: string, socket: Socket<unknown>) {
		this.#keys = keys;
		this.#id = id;
		this.#channel = new Channel(key, readServerMessage);
		this.#socket = socket;
		this.#outbox = new Outbox(socket);
		this.#heartbeat = setInterval(() => this.#checkHeartbeat(), HEARTBEAT_INTERVAL);
		this.#write(keys ? hello(id) : hello(id, key));
	}

	get progress(): Progress {
		return { seq: this.#seq, told: this.#told };
	}

	/**
	 * Makes a session key, saves it in the key folder if the target has one, connects and says hello.
	 * Throws Unreachable, Untrusted or KeyFolderError.
	 */
	static async open(target: ServerTarget): Promise<Connection> {
		const { keys } = target;
		const id = randomId();
		const key = generateKey();
		keys?.save(id, key);
		try {
			const socket = await dial(target);
			const connection = new Connection(target, id, key, socket);
			socket.data = connection;
			return connection;
		} catch (error) {
			keys?.remove(id);
			throw error;
		}
	}

	/** The next message; done after `closing` or `denied`. Throws ChatError if it breaks off. */
	async next(): Promise<IteratorResult<Incoming, void>> {
		if (this.#paused && this.#incoming.length === 0) {
			this.#paused = false;
			this.#socket.resume();
		}
		return this.#incoming.next();
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	send(message: ClientMessage): void {
		this.#write(this.#channel.seal(message));
	}

	/** Asks to resume a membership that had received this much when its last connection broke. */
	resume(token: string, { seq, told }: Progress): void {
		this.#seq = seq;
		this.#told = told;
		this.#timeout = TIMEOUT;
		this.send({ type: "resume", token, seq, told });
	}

	/** Hangs up at once, without a goodbye. */
	close(): void {
		this.#socket.terminate();
	}

	receive(chunk: Buffer): void {
		this.#lastReceivedAt = Date.now();
		try {
			this.#lineReader.push(chunk, (line) => this.#receiveLine(line));
		} catch (error) {
			this.#incoming.end(error);
			this.close();
		}
		if (this.#incoming.length < MAX_UNREAD || this.#paused) return;
		this.#paused = true;
		this.#socket.pause();
	}

	drain(): void {
		this.#outbox.drain();
	}

	closed(): void {
		clearInterval(this.#heartbeat);
		this.#keys?.remove(this.#id);
		const lost = new Unreachable(reason("server_lost", "The connection to the server was lost."));
		this.#incoming.end(this.#isClosedByServer ? undefined : lost);
	}

	/** Nothing reports a pulled cable: we notice it only when a ping gets no answer. */
	#checkHeartbeat(): void {
		const now = Date.now();
		// While we are not reading, the silence is ours and not the server's.
		if (this.#paused) this.#lastReceivedAt = now;
		if (now - this.#lastReceivedAt >= this.#timeout) return this.close();
		if (now - Math.max(this.#lastReceivedAt, this.#lastPingAt) < PING_AFTER || !this.#roomKey)
			return;
		this.#lastPingAt = now;
		this.send({ type: "ping" });
	}

	#write(line: string): void {
		this.#outbox.write(Buffer.from(`${line}\n`, "latin1"));
	}

	#receiveLine(line: string): void {
		const refusal = readClearError(line);
		// Anyone who stands in between can send an error in clear. We believe one only while we have
		// no room key, and never that our place is lost: the server says that encrypted.
		if (refusal && !this.#roomKey) {
			const { code, text } = isPlaceLost(refusal.code)
				? reason("unverified", refusal.text)
				: refusal;
			return this.#emit({ type: "denied", code, text });
		}
		const sealed = readServerLine(line);
		if (!sealed)
			throw new ProtocolError(reason("not_fernet_chat", "This is not a fernet-chat server."));
		if (sealed.epoch === 0) return this.#receiveMessage(this.#channel.open(sealed.token));
		if (sealed.epoch !== this.#roomKey?.epoch) {
			throw new ProtocolError(
				reason("bad_epoch", "A message was encrypted with a key that is not in use."),
			);
		}
		const { events, next } = this.#roomKey.open(sealed.token);
		for (const event of events) this.#receiveEvent(event);
		if (next) this.#rekey(next.epoch, next.key);
	}

	#receiveMessage(message: ServerMessage): void {
		switch (message.type) {
			case "rekey":
				return this.#rekey(message.epoch, message.key);
			case "missed":
				for (const event of message.events) {
					if (event.type === "told") this.#receiveMessage(event);
					else this.#receiveEvent(event);
				}
				return;
			case "pong":
				return;
			case "welcome":
				this.#timeout = TIMEOUT;
				this.#rekey(message.epoch, message.key);
				this.#seq = message.seq;
				break;
			case "resumed":
				this.#rekey(message.epoch, message.key);
				this.#seq += message.lost.events;
				this.#told += message.lost.told;
				// Shows the server that the new resume token arrived: until then it keeps the old one, too.
				this.send({ type: "ping" });
				break;
			case "told":
				this.#told++;
				break;
		}
		this.#emit(message);
	}

	#receiveEvent(event: SequencedEvent): void {
		if (event.seq !== ++this.#seq) {
			throw new ProtocolError(reason("bad_order"));
		}
		this.#emit(event);
	}

	#rekey(epoch: number, key: string): void {
		if (epoch <= (this.#roomKey?.epoch ?? 0)) {
			throw new ProtocolError(reason("bad_epoch", "The server went back to an older key."));
		}
		this.#roomKey = new RoomKey(epoch, key);
	}

	#emit(message: Incoming): void {
		if (message.type === "closing" || message.type === "denied") this.#isClosedByServer = true;
		this.#incoming.push(message);
	}
}
