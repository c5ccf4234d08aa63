import type { Socket } from "bun";
import {
	Channel,
	hello,
	RoomKey,
	readClearError,
	readServerLine,
	SERVER_LINE,
} from "../wire/channel.ts";
import { ChatError, ProtocolError } from "../wire/errors.ts";
import { generateKey } from "../wire/fernet.ts";
import { generateId, type KeyFolder } from "../wire/keys.ts";
import { Lines } from "../wire/lines.ts";
import {
	type ClientMessage,
	type RoomEvent,
	readServerMessage,
	type ServerMessage,
} from "../wire/messages.ts";
import { Outbox } from "../wire/outbox.ts";
import { Queue } from "./queue.ts";

export interface Address {
	readonly host: string;
	readonly port: number;
}

/** What is heard from the room. Keys are used up on the way and never reach the screen. */
export type Heard = Exclude<ServerMessage, { type: "rekey" }> | RoomEvent;

/** The server could not be reached, or was lost. */
export class Unreachable extends ChatError {}

/** Messages that may wait to be shown before the server is made to wait instead. */
const AHEAD = 4096;

/** One connection to the server, and its key, from hello to the end. */
export class Connection implements AsyncIterableIterator<Heard, void> {
	readonly #keys: KeyFolder;
	readonly #id: string;
	readonly #channel: Channel<ServerMessage, ClientMessage>;
	readonly #lines = new Lines(SERVER_LINE);
	readonly #heard = new Queue<Heard>();
	readonly #socket: Socket<unknown>;
	readonly #outbox: Outbox;
	#paused = false;
	#roomKey: RoomKey | undefined;
	#seq = 0;
	/** The server has said why it hangs up. */
	#dismissed = false;

	private constructor(keys: KeyFolder, id: string, key: string, socket: Socket<unknown>) {
		this.#keys = keys;
		this.#id = id;
		this.#channel = new Channel(key, readServerMessage);
		this.#socket = socket;
		this.#outbox = new Outbox(socket);
		this.#write(hello(id));
	}

	/** Makes a key, saves it, connects and says hello. Throws Unreachable or KeyFolderError. */
	static async open(address: Address, keys: KeyFolder): Promise<Connection> {
		const id = generateId();
		const key = generateKey();
		keys.publish(id, key);
		try {
			const socket = await dial(address);
			const connection = new Connection(keys, id, key, socket);
			socket.data = connection;
			return connection;
		} catch (error) {
			keys.remove(id);
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

	/** Hangs up without a word. */
	close(): void {
		this.#socket.terminate();
	}

	/** For the socket alone. */
	hear(chunk: Buffer): void {
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

	/** For the socket alone. */
	drain(): void {
		this.#outbox.drain();
	}

	/** For the socket alone. */
	closed(): void {
		this.#keys.remove(this.#id);
		const lost = new Unreachable("server_lost", "the connection to the server was lost");
		this.#heard.end(this.#dismissed ? undefined : lost);
	}

	#write(line: string): void {
		this.#outbox.write(Buffer.from(`${line}\n`, "latin1"));
	}

	#take(line: string): void {
		const refusal = readClearError(line);
		// Said in clear by whoever answered: believed only while there was nothing to encrypt with.
		if (refusal && !this.#roomKey) return this.#pass({ type: "denied", ...refusal });
		const sealed = readServerLine(line);
		if (!sealed) throw new ProtocolError("not_fernet_chat", "this is no fernet-chat server");
		if (sealed.epoch === 0) return this.#obey(this.#channel.open(sealed.token));
		if (sealed.epoch !== this.#roomKey?.epoch) {
			throw new ProtocolError("bad_epoch", "a message came under a key that is not in force");
		}
		const { events, next } = this.#roomKey.open(sealed.token);
		for (const event of events) {
			if (event.seq !== ++this.#seq) {
				throw new ProtocolError("bad_order", "the room's messages came out of order");
			}
			this.#pass(event);
		}
		if (next) this.#rekey(next.epoch, next.key);
	}

	#obey(message: ServerMessage): void {
		if (message.type === "rekey") return this.#rekey(message.epoch, message.key);
		if (message.type === "welcome") {
			this.#rekey(message.epoch, message.key);
			this.#seq = message.seq;
		}
		this.#pass(message);
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

/** A socket to the server. Throws Unreachable, with what to do about it. */
async function dial({ host, port }: Address): Promise<Socket<Connection | undefined>> {
	try {
		const socket = await Bun.connect<Connection | undefined>({
			hostname: host,
			port,
			data: undefined,
			socket: {
				data: (socket, chunk) => socket.data?.hear(chunk),
				drain: (socket) => socket.data?.drain(),
				end: (socket) => void socket.end(),
				close: (socket) => socket.data?.closed(),
				error: (socket) => void socket.terminate(),
			},
		});
		socket.setNoDelay(true);
		return socket;
	} catch (cause) {
		const sentence = `no server answers at ${host}:${port}; start one with: bun server.ts`;
		throw new Unreachable("server_unreachable", sentence, { cause });
	}
}
