import type { TCPSocketListener } from "bun";
import { ChatError } from "../wire/errors.ts";
import { KeyFolder } from "../wire/keys.ts";
import type { Way } from "../wire/proof.ts";
import { type AddressPolicy, shownAddress } from "./account.ts";
import { AllowList, guests } from "./allow.ts";
import { AllowFile } from "./allowfile.ts";
import { Connection } from "./connection.ts";
import { Door } from "./door.ts";
import { Entrance } from "./entrance.ts";
import { Gmail } from "./gmail.ts";
import { KeyPoll } from "./keypoll.ts";
import type { Limits } from "./limits.ts";
import { EventLog } from "./log.ts";
import type { Mailbox } from "./mailbox.ts";
import { Mailer, type MailerOptions } from "./mailer.ts";
import { Room } from "./room.ts";
import type { House } from "./session.ts";

export interface ServeOptions {
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
	/** Path of the keys folder. */
	readonly keys: string;
	readonly mailbox: Mailbox;
	/** Who may come in: entries as `entryOf` gives them, and the path of a file of more. */
	readonly allow: { readonly entries?: readonly string[]; readonly file?: string };
	/** How somebody may prove whose account it is. */
	readonly ways: readonly Way[];
	/** Where codes are mailed from; null where they are none of the ways. */
	readonly mailer: MailerOptions | null;
	/** Keep the room open when the last member has left. */
	readonly stay: boolean;
	readonly limits: Limits;
	readonly addresses: AddressPolicy;
	/** Something the owner should know. */
	readonly warn: (sentence: string) => void;
}

export interface Server {
	readonly host: string;
	readonly port: number;
	readonly keys: string;
	/** Who may come in, in words. */
	readonly guests: string;
	/** Resolves, with the reason, once the last socket is closed and the keys are gone. */
	readonly ended: Promise<string>;
	/** Tells everybody `text`, hangs up, and ends. */
	stop(code: string, text: string): void;
}

/** Milliseconds between two looks at deadlines. */
const TICK = 250;
/** Milliseconds after which the others hear that somebody's connection is broken. */
const AWAY_AFTER = 15_000;
/**
 * Members from which on people come and go on the tick, all at once: everybody is told a new key each
 * time, so one by one a crowd would cost the square of the room.
 */
const LARGE = 256;
/** A key younger than this, in milliseconds, may be that of a client about to connect. */
const YOUNG_KEY = 2000;

/** Opens the room. Throws ChatError when it cannot listen or keep keys. */
export async function serve(options: ServeOptions): Promise<Server> {
	const { limits } = options;
	const allow = allowList(options);
	const keys = new KeyFolder(options.keys);
	await mustBeAlone(keys);
	const room = new Room({
		log: new EventLog(limits.logEvents, limits.logBytes),
		maxMembers: limits.maxMembers,
		grace: limits.grace * 1000,
		awayAfter: AWAY_AFTER,
		now: Date.now,
		atEndOfTurn: (flush) => void setImmediate(() => guard(flush)),
		onEmpty: () => {
			if (!options.stay) stop("room_ended", "the room is empty");
		},
	});
	/** Who waits to come in or to go. */
	let crossing: (() => void)[] = [];
	const house: House = {
		room,
		entrance: new Entrance({
			gmail: new Gmail(options.mailbox, limits),
			allow,
			ways: options.ways,
			mailer: options.mailer && new Mailer(options.mailer, options.warn),
			limits,
			now: Date.now,
		}),
		keys,
		keyPoll: new KeyPoll(keys),
		limits,
		showAddress: (account) => shownAddress(account, options.addresses),
		cross: (step) => {
			if (room.size < LARGE) step();
			else crossing.push(step);
		},
		sessions: new Set(),
		now: Date.now,
		warn: options.warn,
	};

	/** A fault of ours must not end everybody's room. */
	function guard(action: () => void): void {
		try {
			action();
		} catch (error) {
			options.warn(`the server failed at something: ${error}`);
		}
	}

	const door = new Door(limits);
	let stopping = false;
	let timer: Timer | undefined;
	const { promise: ended, resolve: end } = Promise.withResolvers<string>();

	/** One clock for every deadline, stopped while nobody is connected. */
	function tick(): void {
		const now = Date.now();
		for (const connection of door) connection.tick(now);
		const steps = crossing;
		crossing = [];
		for (const step of steps) guard(step);
		room.tick();
		if (door.size > 0 || room.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	}

	function forget(connection: Connection): void {
		door.remove(connection);
		guard(() => connection.session.closed());
		if (stopping && door.size === 0) finish();
	}

	let reason = "";
	function stop(code: string, text: string): void {
		if (stopping) return;
		stopping = true;
		reason = text;
		listener.stop();
		room.flush();
		for (const connection of door) connection.session.end(code, text);
		if (door.size === 0) finish();
	}

	function finish(): void {
		clearInterval(timer);
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
			if (stopping || door.isShut(socket.remoteAddress)) return void socket.terminate();
			socket.data = new Connection(socket, house);
			door.add(socket.data);
			timer ??= setInterval(tick, TICK);
		},
		data: (socket, chunk) => socket.data?.hear(chunk),
		drain: (socket) => socket.data?.drain(),
		end: (socket) => socket.data?.ended(),
		close: (socket) => {
			if (socket.data) forget(socket.data);
		},
		error: (socket, error) => {
			options.warn(`a connection failed: ${error.message}`);
			socket.terminate();
		},
	});
	keys.claim(listener.hostname, listener.port);
	keys.sweep(Date.now() - YOUNG_KEY);
	const place = { host: listener.hostname, port: listener.port, keys: keys.path };
	return { ...place, guests: guests(allow), ended, stop };
}

/** Null where nobody has said who may come in: then everybody may. */
function allowList({ allow: { entries, file }, warn }: ServeOptions): AllowList | null {
	if (entries === undefined && file === undefined) return null;
	return new AllowList(entries ?? [], file === undefined ? undefined : new AllowFile(file, warn));
}

/**
 * A folder serves one server: a connection recorded at one could be replayed to another that finds
 * the same key. A claim counts while its process lives and something answers where it listens.
 */
async function mustBeAlone(keys: KeyFolder): Promise<void> {
	for (const { host, port } of keys.claims()) {
		try {
			const socket = await Bun.connect({ hostname: host, port, socket: { data() {} } });
			socket.terminate();
		} catch {
			// Nobody is there: the claim is of a server that died, and its number another's now.
			continue;
		}
		const sentence = `another server, on port ${port}, keeps its keys in ${keys.path}; choose another folder with --keys`;
		throw new ChatError("keys_in_use", sentence);
	}
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
		const sentence = `cannot listen on "${host}" (${code ?? "no such address"}); --host must be an address of this machine`;
		throw new ChatError("cannot_listen", sentence, { cause });
	}
}
