import type { TCPSocketListener } from "bun";
import { ChatError } from "../wire/errors.ts";
import { KeyFolder } from "../wire/keys.ts";
import { Connection } from "./connection.ts";
import { Gmail } from "./gmail.ts";
import { KeyPoll } from "./keypoll.ts";
import type { Limits } from "./limits.ts";
import { EventLog } from "./log.ts";
import type { Mailbox } from "./mailbox.ts";
import { Room } from "./room.ts";
import type { House } from "./session.ts";

export interface ServeOptions {
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
	/** Path of the keys folder. */
	readonly keys: string;
	readonly mailbox: Mailbox;
	/** Keep the room open when the last member has left. */
	readonly stay: boolean;
	readonly limits: Limits;
	/** Something the owner should know. */
	readonly warn: (sentence: string) => void;
}

export interface Server {
	readonly host: string;
	readonly port: number;
	readonly keys: string;
	/** Resolves, with the reason, once the last socket is closed and the keys are gone. */
	readonly ended: Promise<string>;
	/** Tells everybody `text`, hangs up, and ends. */
	stop(code: string, text: string): void;
}

/** Milliseconds between two looks at deadlines. */
const TICK = 250;
/** A key younger than this, in milliseconds, may be that of a client about to connect. */
const YOUNG_KEY = 2000;

/** Opens the room. Throws ChatError when it cannot listen or keep keys. */
export function serve(options: ServeOptions): Server {
	const { limits } = options;
	const keys = new KeyFolder(options.keys);
	const room = new Room({
		log: new EventLog(limits.logEvents, limits.logBytes),
		maxMembers: limits.members,
		now: Date.now,
		atEndOfTurn: (flush) => void setImmediate(flush),
		onEmpty: () => {
			if (!options.stay) stop("room_ended", "the room is empty");
		},
	});
	const house: House = {
		room,
		gmail: new Gmail(options.mailbox, limits),
		keys,
		keyPoll: new KeyPoll(keys),
		limits,
		sessions: new Set(),
		now: Date.now,
		warn: options.warn,
	};

	const connections = new Set<Connection>();
	let stopping = false;
	let timer: Timer | undefined;
	const { promise: ended, resolve: end } = Promise.withResolvers<string>();

	/** One clock for every deadline, stopped while nobody is connected. */
	function tick(): void {
		const now = Date.now();
		for (const connection of connections) connection.tick(now);
	}

	function admit(connection: Connection): void {
		connections.add(connection);
		timer ??= setInterval(tick, TICK);
		if (connections.size - room.size <= limits.strangers) return;
		connection.session.end("busy", "too many people are at the door; try again in a minute");
	}

	function forget(connection: Connection): void {
		connection.session.closed();
		connections.delete(connection);
		if (connections.size > 0) return;
		clearInterval(timer);
		timer = undefined;
		if (stopping) finish();
	}

	let reason = "";
	function stop(code: string, text: string): void {
		if (stopping) return;
		stopping = true;
		reason = text;
		listener.stop();
		room.flush();
		for (const connection of connections) connection.session.end(code, text);
		if (connections.size === 0) finish();
	}

	function finish(): void {
		try {
			keys.sweep(Date.now() - YOUNG_KEY);
			keys.release();
		} catch (error) {
			options.warn(`the keys folder could not be cleared: ${error}`);
		}
		end(reason);
	}

	const listener = listen(options, {
		open(socket) {
			if (stopping) return void socket.terminate();
			socket.data = new Connection(socket, house);
			admit(socket.data);
		},
		data: (socket, chunk) => socket.data?.hear(chunk),
		drain: (socket) => socket.data?.drain(),
		end: (socket) => socket.data?.ended(),
		close: (socket) => {
			if (socket.data) forget(socket.data);
		},
		error: (socket) => void socket.terminate(),
	});
	keys.claim();
	keys.sweep(Date.now() - YOUNG_KEY);
	return { host: listener.hostname, port: listener.port, keys: keys.path, ended, stop };
}

type Handlers = Bun.SocketHandler<Connection | undefined>;

function listen(
	{ host, port }: ServeOptions,
	socket: Handlers,
): TCPSocketListener<Connection | undefined> {
	try {
		return Bun.listen({ hostname: host, port, socket, data: undefined, allowHalfOpen: true });
	} catch (cause) {
		const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
		if (code === "EADDRINUSE") {
			const sentence = `port ${port} on ${host} is in use; choose another with --port`;
			throw new ChatError("port_in_use", sentence, { cause });
		}
		const sentence = `cannot listen on ${host}:${port} (${code ?? cause})`;
		throw new ChatError("cannot_listen", sentence, { cause });
	}
}
