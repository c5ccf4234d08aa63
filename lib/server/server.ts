import { formatHostPort } from "../util/host-port.ts";
import type { LoginMethod } from "../wire/credentials.ts";
import { KeyFolder } from "../wire/key-folder.ts";
import { type EmailVisibility, shownEmail } from "./auth/account.ts";
import { AllowFile } from "./auth/allow-file.ts";
import { AllowList, describeGuests } from "./auth/allow-list.ts";
import { Authenticator } from "./auth/authenticator.ts";
import { BanList } from "./auth/ban-list.ts";
import { GmailVerifier } from "./auth/gmail-verifier.ts";
import { assertFolderUnclaimed } from "./keys/folder-claim.ts";
import { KeyPoller } from "./keys/key-poller.ts";
import { canonicalIp } from "./limits/ip-address.ts";
import type { Limits } from "./limits/limits.ts";
import type { Logger } from "./log/logger.ts";
import { CodeMailer, type CodeMailerOptions } from "./mail/code-mailer.ts";
import type { SmtpServer } from "./mail/smtp-server.ts";
import { Moderation } from "./moderation/moderation.ts";
import { Connection } from "./net/connection.ts";
import { ConnectionTable } from "./net/connection-table.ts";
import { listen } from "./net/listener.ts";
import { History } from "./room/history.ts";
import { JoinBatcher } from "./room/join-batcher.ts";
import { Room } from "./room/room.ts";
import type { ServerContext } from "./session/context.ts";
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
	readonly smtp: SmtpServer;
	/** Who may come in: entries as `entryOf` gives them, and the path of a file of more. */
	readonly allow: { readonly entries?: readonly string[]; readonly file?: string };
	/** How somebody may prove whose account it is. */
	readonly methods: readonly LoginMethod[];
	/** Where codes are mailed from; null where they are none of the ways. */
	readonly mailer: CodeMailerOptions | null;
	/** Keep the room open when the last member has left. */
	readonly stay: boolean;
	readonly limits: Limits;
	readonly emailVisibility: EmailVisibility;
	/** Canonical addresses of who owns the room. */
	readonly owners: ReadonlySet<string>;
	/** Path of the folder for what outlives the server. */
	readonly state: string;
	readonly title: string | undefined;
	/** Path of the message of the day. */
	readonly motd: string | undefined;
	/** What the owner is told. */
	readonly logger: Logger;
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
	const { limits, logger } = options;
	const warn = (text: string): void => logger.log({ event: "warning", text });
	const bans = new BanList(options.state, warn);
	const motd = readMotd(options.motd);
	const allow = allowList(options, warn);
	const keys = new KeyFolder(options.keys);
	await assertFolderUnclaimed(keys);
	const room = new Room({
		history: new History(limits.logEvents, limits.logBytes),
		maxMembers: limits.maxMembers,
		grace: limits.grace * 1000,
		awayAfter: AWAY_AFTER,
		now: Date.now,
		atEndOfTurn: (flush) => void setImmediate(() => guard(flush)),
		log: (entry) => logger.log(entry),
		greeting: (member) => moderation.welcomeFields(member),
		onEmpty: () => {
			if (!options.stay) stop("room_ended", "the room is empty");
		},
	});
	const showAddress = (account: string) => shownEmail(account, options.emailVisibility);
	const moderation = new Moderation({
		room,
		bans,
		shownEmail: showAddress,
		owners: options.owners,
		title: options.title,
		motd,
		log: (entry) => logger.log(entry),
		close: (text) => stop("room_closed", text),
	});
	const joins = new JoinBatcher(() => room.size);
	const context: ServerContext = {
		room,
		authenticator: new Authenticator({
			verifier: new GmailVerifier(options.smtp, limits),
			allow,
			bans,
			owners: options.owners,
			methods: options.methods,
			mailer: options.mailer && new CodeMailer(options.mailer, warn),
			limits,
			now: Date.now,
		}),
		moderation,
		keys,
		keyPoller: new KeyPoller(keys),
		limits,
		shownEmail: showAddress,
		scheduleJoin: (step) => joins.schedule(step),
		sessions: new Set(),
		now: Date.now,
		logger,
	};

	/** A fault of ours must not end everybody's room. */
	function guard(action: () => void): void {
		try {
			action();
		} catch (error) {
			logger.log({ event: "fault", text: `the server failed at something: ${error}` });
		}
	}

	const connections = new ConnectionTable(limits);
	let stopping = false;
	let timer: Timer | undefined;
	const { promise: ended, resolve: end } = Promise.withResolvers<string>();

	/** One clock for every deadline, stopped while nobody is connected. */
	function tick(): void {
		const now = Date.now();
		for (const connection of connections) connection.tick(now);
		for (const step of joins.drain()) guard(step);
		room.tick();
		logger.tick();
		if (connections.size > 0 || room.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	}

	function forget(connection: Connection): void {
		connections.remove(connection);
		guard(() => connection.session.closed());
		if (stopping && connections.size === 0) finish();
	}

	let reason = "";
	function stop(code: string, text: string): void {
		if (stopping) return;
		stopping = true;
		reason = text;
		logger.log({ event: "stopping", code, text });
		listener.stop();
		room.flush();
		for (const connection of connections) connection.session.end(code, text);
		if (connections.size === 0) finish();
	}

	function finish(): void {
		clearInterval(timer);
		try {
			keys.sweep(Date.now() - YOUNG_KEY);
			keys.release();
		} catch (error) {
			logger.log({ event: "warning", text: `the keys folder could not be cleared: ${error}` });
		}
		logger.tick();
		end(reason);
	}

	const listener = listen(options, options.certificate, {
		onConnect(socket) {
			// Whoever has gone again by now has no address, whatever the runtime's types say.
			const remoteAddress: string | undefined = socket.remoteAddress;
			if (stopping || !remoteAddress || connections.isFull(canonicalIp(remoteAddress))) return;
			const connection = new Connection(socket, context);
			connections.add(connection);
			timer ??= setInterval(tick, TICK);
			return connection;
		},
		onClose: forget,
		onError: (error) =>
			logger.log({ event: "warning", text: `a connection failed: ${error.message}` }),
	});
	keys.claim(listener.hostname, listener.port);
	keys.sweep(Date.now() - YOUNG_KEY);
	const place = { host: listener.hostname, port: listener.port, keys: keys.path };
	logger.log({ event: "started", text: `the room is open on ${formatHostPort(place)}` });
	return { ...place, guests: describeGuests(allow, options), ended, stop };
}

/** Null where nobody has said who may come in: then everybody may. */
function allowList(
	{ allow: { entries, file } }: ServeOptions,
	warn: (text: string) => void,
): AllowList | null {
	if (entries === undefined && file === undefined) return null;
	return new AllowList(entries ?? [], file === undefined ? undefined : new AllowFile(file, warn));
}
