import { EndOfTurn } from "../util/end-of-turn.ts";
import { formatHostPort } from "../util/host-port.ts";
import { type Reason, reason } from "../wire/errors/reason.ts";
import { KeyFolder } from "../wire/keys/key-folder.ts";
import { GMAIL } from "../wire/messages/app-password.ts";
import { AllowList, describeGuests } from "./auth/allow-list.ts";
import { Authenticator } from "./auth/authenticator.ts";
import { BanList } from "./auth/ban-list.ts";
import { GmailVerifier } from "./auth/gmail-verifier.ts";
import { DeviceList } from "./devices/device-list.ts";
import type { DeviceStore } from "./devices/device-store.ts";
import { KeyPoller } from "./keys/key-poller.ts";
import { KeySweeper } from "./keys/key-sweeper.ts";
import { canonicalIp } from "./limits/ip-address.ts";
import type { Logger } from "./log/logger.ts";
import { isGmail } from "./mail/smtp-server.ts";
import { Moderation } from "./moderation/moderation.ts";
import { Connection } from "./net/connection.ts";
import { ConnectionTable } from "./net/connection-table.ts";
import { type Listener, listen, type ServerSocket } from "./net/listener.ts";
import { openRoom } from "./open-room.ts";
import { JoinBatcher } from "./room/join-batcher.ts";
import type { Room } from "./room/room.ts";
import type { RoomLog } from "./room-log/room-log.ts";
import type { ServerOptions } from "./server-options.ts";
import type { ServerContext } from "./session/context.ts";
import { readMotd } from "./storage/motd.ts";

/** Milliseconds between two checks of the deadlines. */
const TICK = 250;
const GOES_ON = "The room goes on when you start the server again with the same --room.";

/** The config files and the keys folder: all that may be unusable, before a port is open. */
interface Files {
	readonly bans: BanList;
	/** Null if none is remembered. */
	readonly devices: DeviceStore | null;
	readonly motd: string | undefined;
	/** The guest list; null lets everybody in. */
	readonly allow: AllowList | null;
	readonly keys: KeyFolder;
}

/** One room, its port and everybody connected to it, from the first hello to the last goodbye. */
export class Server {
	/** A sentence that says who can join. */
	readonly guests: string;
	/** Resolves with the reason once the last socket is closed and the keys are removed. */
	readonly ended: Promise<string>;
	readonly #options: ServerOptions;
	readonly #endOfTurn = new EndOfTurn((item) => this.#runIsolated(() => item.flush()));
	readonly #roomLog: RoomLog;
	readonly #context: ServerContext;
	readonly #connections: ConnectionTable;
	readonly #listener: Listener;
	readonly #end: (reason: string) => void;
	/** Why the server is ending; undefined until then. */
	#stopReason: string | undefined;
	#clock: Timer | undefined;
	readonly #sweeper: KeySweeper;

	/** Opens the room. Throws ChatError if it cannot listen, keep keys or find out who is banned. */
	static open(options: ServerOptions): Server {
		const warn = warnInto(options.logger);
		const bans = new BanList(options.state, warn);
		const devices = DeviceList.open(options, warn);
		const motd = readMotd(options.motd);
		const allow = AllowList.open(options.allow, warn);
		const keys = new KeyFolder(options.keys);
		keys.claim();
		try {
			return new Server(options, { bans, devices, motd, allow, keys });
		} catch (error) {
			keys.release();
			throw error;
		}
	}

	private constructor(options: ServerOptions, files: Files) {
		this.#options = options;
		this.guests = describeGuests(files.allow, options);
		({ promise: this.ended, resolve: this.#end } = Promise.withResolvers<string>());
		this.#connections = new ConnectionTable(options.limits);
		const moderation = this.#createModeration(files);
		const { room, log } = openRoom(options, {
			...{ motd: files.motd, moderation },
			atEndOfTurn: (flush) => this.#endOfTurn.schedule({ flush }),
			onEnd: (reason) => this.#stop(reason),
		});
		this.#roomLog = log;
		this.#context = this.#createContext(room, files);
		this.#listener = this.#listen();
		this.#sweeper = new KeySweeper(files.keys, this.#context.sessionIds, warnInto(options.logger));
		const open = `The room is open on ${formatHostPort(this)}.`;
		const kept = room.size > 0 ? ` It goes on, and its ${room.size} members can come back.` : "";
		options.logger.log({ event: "started", text: open + kept });
		// Those whom an earlier server left in the room have to come back in time.
		if (room.size > 0) this.#startClock();
	}

	#listen(): Listener {
		const { certificate } = this.#options;
		try {
			return listen(this.#options, certificate, {
				onConnect: (socket) => this.#connect(socket),
				onClose: (connection) => this.#disconnect(connection),
				onError: ({ message }, ip) => this.#warn(`A connection failed: ${message}`, ip),
			});
		} catch (error) {
			this.#roomLog.close();
			throw error;
		}
	}

	get host(): string {
		return this.#listener.hostname;
	}

	get port(): number {
		return this.#listener.port;
	}

	/** Path of the keys folder. */
	get keys(): string {
		return this.#context.keys.path;
	}

	/** Ends the server, and with it the room, unless the room's log outlives it. */
	shutDown(): void {
		const stopped = reason("server_stopped");
		// A room that ends in this very turn has ended, and does not move.
		this.#context.room.flush();
		this.#stop(stopped, this.#roomLog.outlivesServer ? reason("moving") : stopped);
	}

	/** Tells everybody why, hangs up and ends the server. Members may be told something else. */
	#stop(why: Reason, toMembers: Reason = why): void {
		if (this.#stopReason !== undefined) return;
		this.#stopReason = why.text;
		this.#options.logger.log({ event: "stopping", ...why });
		this.#listener.stop();
		this.#context.room.flush();
		for (const connection of this.#connections) {
			connection.stop(connection.session.isMember ? toMembers : why);
		}
		this.#finishIfEmpty();
	}

	#createModeration({ bans, devices }: Files): Moderation {
		return new Moderation({ bans, devices, warn: warnInto(this.#options.logger) });
	}

	#createContext(room: Room, { bans, devices, allow, keys }: Files): ServerContext {
		const { limits, logger, owners, methods, smtp, mailer, clocks } = this.#options;
		return {
			room,
			joins: new JoinBatcher(() => room.size),
			authenticator: new Authenticator({
				allow,
				bans,
				devices,
				owners,
				methods,
				limits,
				verifier: new GmailVerifier(smtp, limits),
				mailer,
				now: clocks.now,
			}),
			devices,
			keys,
			keyPoller: new KeyPoller(keys),
			sessionIds: new Set(),
			limits,
			...clocks,
			endOfTurn: this.#endOfTurn,
			logger,
			verifier: isGmail(smtp) ? GMAIL : smtp.host,
		};
	}

	/** Returns undefined for a connection that does not even get a refusal. */
	#connect(socket: ServerSocket): Connection | undefined {
		// A peer that has gone again by now has no address, whatever the runtime's types say.
		const address: string | undefined = socket.remoteAddress;
		if (this.#stopReason !== undefined || !address) return;
		if (!this.#connections.makeRoom(canonicalIp(address))) return;
		const connection = new Connection(socket, this.#context);
		this.#connections.add(connection);
		this.#startClock();
		return connection;
	}

	#startClock(): void {
		this.#clock ??= setInterval(() => this.#tick(), TICK);
	}

	#disconnect(connection: Connection): void {
		this.#connections.remove(connection);
		this.#runIsolated(() => connection.session.onClosed());
		this.#finishIfEmpty();
	}

	/** One clock for every deadline; it stops while nobody is connected and the log is complete. */
	#tick(): void {
		const { room, joins, logger } = this.#context;
		const now = this.#context.now();
		for (const connection of this.#connections) connection.tick(now);
		for (const step of joins.drain()) this.#runIsolated(step);
		room.tick();
		logger.tick();
		if (this.#connections.size > 0 || room.size > 0 || logger.isIncomplete) return;
		clearInterval(this.#clock);
		this.#clock = undefined;
	}

	#finishIfEmpty(): void {
		if (this.#stopReason === undefined || this.#connections.size > 0) return;
		clearInterval(this.#clock);
		this.#closeLog();
		this.#sweeper.finish();
		this.#options.logger.reportOmitted();
		const goesOn = this.#roomLog.outlivesServer && !this.#context.room.hasEnded;
		this.#end(this.#stopReason + (goesOn ? ` ${GOES_ON}` : ""));
	}

	#closeLog(): void {
		const { room } = this.#context;
		room.flush();
		if (room.hasEnded) this.#roomLog.remove();
		else this.#roomLog.close();
	}

	/** A bug of ours must not end the room for everybody. */
	#runIsolated(action: () => void): void {
		try {
			action();
		} catch (error) {
			const text = `The server failed, which is a bug: ${error}`;
			this.#options.logger.log({ event: "error", text });
		}
	}

	#warn(text: string, ip?: string): void {
		warnInto(this.#options.logger)(text, ip);
	}
}

const warnInto =
	(logger: Logger) =>
	(text: string, ip?: string): void =>
		logger.log({ event: "warning", ip, text });
