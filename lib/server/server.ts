import { placeOf } from "../util/host-port.ts";
import type { Way } from "../wire/credentials.ts";
import { KeyFolder } from "../wire/key-folder.ts";
import { type AddressPolicy, shownAddress } from "./auth/account.ts";
import { AllowFile } from "./auth/allow-file.ts";
import { AllowList, guests } from "./auth/allow-list.ts";
import { Entrance } from "./auth/authenticator.ts";
import { Bans } from "./auth/ban-list.ts";
import { Gmail } from "./auth/gmail-verifier.ts";
import { mustBeAlone } from "./keys/folder-claim.ts";
import { KeyPoll } from "./keys/key-poller.ts";
import { plainAddress } from "./limits/ip-address.ts";
import type { Limits } from "./limits/limits.ts";
import type { Journal } from "./log/logger.ts";
import { Mailer, type MailerOptions } from "./mail/code-mailer.ts";
import type { Mailbox } from "./mail/smtp-server.ts";
import { Powers } from "./moderation/moderation.ts";
import { Connection } from "./net/connection.ts";
import { Door } from "./net/connection-table.ts";
import { listen } from "./net/listener.ts";
import { EventLog } from "./room/history.ts";
import { Crossing } from "./room/join-batcher.ts";
import { Room } from "./room/room.ts";
import type { House } from "./session/context.ts";
import { readMotd } from "./storage/motd.ts";
import type { Certificate } from "./tls/certificate.ts";

export interface ServeOptions {
	readonly host: string;
	/** 0 lets the system choose. */
	readonly port: number;
	/** Path of the keys folder. */
	readonly keys: string;
	/** For connections over TLS; without one there are none. */
	readonly certificate: Certificate | undefined;
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
	/** Canonical addresses of who owns the room. */
	readonly owners: ReadonlySet<string>;
	/** Path of the folder for what outlives the server. */
	readonly state: string;
	readonly title: string | undefined;
	/** Path of the message of the day. */
	readonly motd: string | undefined;
	/** What the owner is told. */
	readonly journal: Journal;
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
/** A key younger than this, in milliseconds, may be that of a client about to connect. */
const YOUNG_KEY = 2000;

/** Opens the room. Throws ChatError when it cannot listen, keep keys or know who is banned. */
export async function serve(options: ServeOptions): Promise<Server> {
	const { limits, journal } = options;
	const warn = (text: string): void => journal.record({ event: "warning", text });
	const bans = new Bans(options.state, warn);
	const motd = readMotd(options.motd);
	const allow = allowList(options, warn);
	const keys = new KeyFolder(options.keys);
	await mustBeAlone(keys);
	const room = new Room({
		log: new EventLog(limits.logEvents, limits.logBytes),
		maxMembers: limits.maxMembers,
		grace: limits.grace * 1000,
		awayAfter: AWAY_AFTER,
		now: Date.now,
		atEndOfTurn: (flush) => void setImmediate(() => guard(flush)),
		record: (entry) => journal.record(entry),
		greeting: (member) => powers.greeting(member),
		onEmpty: () => {
			if (!options.stay) stop("room_ended", "the room is empty");
		},
	});
	const showAddress = (account: string) => shownAddress(account, options.addresses);
	const powers = new Powers({
		room,
		bans,
		showAddress,
		owners: options.owners,
		title: options.title,
		motd,
		record: (entry) => journal.record(entry),
		close: (text) => stop("room_closed", text),
	});
	const crossing = new Crossing(() => room.size);
	const house: House = {
		room,
		entrance: new Entrance({
			gmail: new Gmail(options.mailbox, limits),
			allow,
			bans,
			owners: options.owners,
			ways: options.ways,
			mailer: options.mailer && new Mailer(options.mailer, warn),
			limits,
			now: Date.now,
		}),
		powers,
		keys,
		keyPoll: new KeyPoll(keys),
		limits,
		showAddress,
		cross: (step) => crossing.cross(step),
		sessions: new Set(),
		now: Date.now,
		journal,
	};

	/** A fault of ours must not end everybody's room. */
	function guard(action: () => void): void {
		try {
			action();
		} catch (error) {
			journal.record({ event: "fault", text: `the server failed at something: ${error}` });
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
		for (const step of crossing.take()) guard(step);
		room.tick();
		journal.tick();
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
		journal.record({ event: "stopping", code, text });
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
			journal.record({ event: "warning", text: `the keys folder could not be cleared: ${error}` });
		}
		journal.tick();
		end(reason);
	}

	const listener = listen(options, options.certificate, {
		arrived(socket) {
			// Whoever has gone again by now has no address, whatever the runtime's types say.
			const address: string | undefined = socket.remoteAddress;
			if (stopping || !address || door.isShut(plainAddress(address))) return;
			const connection = new Connection(socket, house);
			door.add(connection);
			timer ??= setInterval(tick, TICK);
			return connection;
		},
		gone: forget,
		failed: (error) =>
			journal.record({ event: "warning", text: `a connection failed: ${error.message}` }),
	});
	keys.claim(listener.hostname, listener.port);
	keys.sweep(Date.now() - YOUNG_KEY);
	const place = { host: listener.hostname, port: listener.port, keys: keys.path };
	journal.record({ event: "started", text: `the room is open on ${placeOf(place)}` });
	return { ...place, guests: guests(allow, options), ended, stop };
}

/** Null where nobody has said who may come in: then everybody may. */
function allowList(
	{ allow: { entries, file } }: ServeOptions,
	warn: (text: string) => void,
): AllowList | null {
	if (entries === undefined && file === undefined) return null;
	return new AllowList(entries ?? [], file === undefined ? undefined : new AllowFile(file, warn));
}
