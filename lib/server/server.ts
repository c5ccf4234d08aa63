import type { Socket } from "bun";
import type { ChatError } from "../util/errors.ts";
import { formatHostPort } from "../util/host-port.ts";
import { type Reason, reason } from "../wire/errors/reason.ts";
import { describeGuests } from "./accounts/allow-list.ts";
import { KeySweeper } from "./keys/key-sweeper.ts";
import { canonicalIp } from "./limits/ip-address.ts";
import { runIsolated } from "./log/run-isolated.ts";
import { Connection, type ConnectionOrigin } from "./net/connection.ts";
import { ConnectionTable } from "./net/connection-table.ts";
import { type Listener, listen } from "./net/listener.ts";
import { LoginGarbage } from "./net/login-garbage.ts";
import { removeRoom } from "./open-room.ts";
import { type OpenWebListener, prepareWebListener } from "./prepare-web-listener.ts";
import type { RoomLog } from "./room-log/room-log.ts";
import { RoomLost } from "./room-log/unusable.ts";
import type { ServerOptions } from "./server-options.ts";
import { createContext, openParts, type ServerParts, warnInto } from "./server-parts.ts";
import type { ServerContext } from "./session/context.ts";
import type { Stores } from "./stores.ts";
import type { WebListener } from "./web/web-listener.ts";

/** Milliseconds between two checks of the deadlines. */
const TICK = 250;
const GOES_ON = "The room goes on when you start the server again with the same --room.";
const LOST = "The room ended, because what kept it is gone. Log in again for a new one.";
const GOES_ON_ELSEWHERE = "The room goes on with its other servers, or when one starts again.";

/** One room, its port and everybody connected to it, from the first hello to the last goodbye. */
export class Server {
	/** A sentence that says who can join. */
	readonly guests: string;
	/**
	 * Resolves with the reason once the last socket is closed and the keys are removed. Rejects with
	 * ChatError if the room's log could no longer be used.
	 */
	readonly ended: Promise<string>;
	readonly #options: ServerOptions;
	readonly #roomLog: RoomLog;
	readonly #stores: Stores;
	readonly #context: ServerContext;
	readonly #connections: ConnectionTable<Connection>;
	readonly #listener: Listener<Connection>;
	/** For browsers. */
	readonly #webListener: WebListener | undefined;
	readonly #end: (reason: string) => void;
	readonly #reject: (error: ChatError) => void;
	/** Why the server is ending; undefined until then. */
	#stopReason: string | undefined;
	#failure: ChatError | undefined;
	/** The last steps, which are taken once. */
	#finishing: Promise<void> | undefined;
	#clock: Timer | undefined;
	readonly #sweeper: KeySweeper;
	readonly #loginGarbage = new LoginGarbage();

	/** Opens the room. Throws ChatError if it cannot listen, keep keys or find out who is banned. */
	static async open(options: ServerOptions): Promise<Server> {
		let server: Server | undefined;
		let early: ((server: Server) => void) | undefined;
		const tell = (action: (server: Server) => void): void => {
			if (server) action(server);
			else early ??= action;
		};
		const parts = await openParts(options, {
			onEnd: (reason) => tell((opened) => opened.#stop(reason)),
			onFailure: (error) => tell((opened) => opened.#fail(error)),
		});
		try {
			server = new Server(options, parts, await prepareWebListener(options));
			early?.(server);
			return server;
		} catch (error) {
			parts.room.close();
			await parts.log.close();
			parts.stores[Symbol.dispose]();
			parts.keys.release();
			throw error;
		}
	}

	private constructor(
		options: ServerOptions,
		parts: ServerParts,
		openWebListener: OpenWebListener | undefined,
	) {
		this.#options = options;
		this.guests = describeGuests(parts.allow, options);
		({ promise: this.ended, resolve: this.#end, reject: this.#reject } = Promise.withResolvers());
		this.#connections = new ConnectionTable(options.limits);
		this.#roomLog = parts.log;
		this.#stores = parts.stores;
		this.#context = createContext(options, parts);
		this.#listener = this.#listen();
		this.#webListener = openWebListener && this.#openWebListener(openWebListener);
		this.#sweeper = new KeySweeper(parts.keys, this.#context.sessionIds, warnInto(options.logger));
		const { room } = parts;
		const open = `The room is open on ${formatHostPort(this)}.`;
		const how = parts.log.isAlone ? "can come back" : "are with other servers or can come back";
		const kept = room.size > 0 ? ` It goes on, and its ${room.size} members ${how}.` : "";
		options.logger.log({ event: "started", text: open + kept });
		this.#startClockIfNeeded();
	}

	#listen(): Listener<Connection> {
		return listen({ ...this.#options, flag: "port" }, this.#options.certificate, {
			onConnect: (socket) => this.#connect(socket),
			onClose: (connection) => this.#disconnect(connection),
			onError: ({ message }, ip) => this.#warn(`A connection failed: ${message}`, ip),
		});
	}

	#openWebListener(open: OpenWebListener): WebListener {
		try {
			return open({
				onAccept: () => {
					this.#startClock();
					return this.#stopReason === undefined;
				},
				onConnect: (socket, from) => this.#connect(socket, from),
				onClose: (connection) => this.#disconnect(connection),
				onError: ({ message }, ip) => this.#warn(`A browser's connection failed: ${message}`, ip),
			});
		} catch (error) {
			this.#listener.stop();
			throw error;
		}
	}

	/** The page's port, and where friends find it; undefined without one. */
	get page(): Pick<WebListener, "place" | "url" | "isAnswering"> | undefined {
		return this.#webListener;
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

	/** The room's log can no longer be used. */
	#fail(error: ChatError): void {
		this.#failure ??= error;
		const why = { code: "room_log_unusable", text: error.message } as const;
		const lost = { ...reason("room_ended"), text: LOST };
		this.#stop(why, error instanceof RoomLost ? lost : reason("moving"));
	}

	/** Tells everybody why, hangs up and ends the server. Members may be told something else. */
	#stop(why: Reason, toMembers: Reason = why): void {
		if (this.#stopReason !== undefined) return;
		this.#stopReason = why.text;
		this.#options.logger.log({ event: "stopping", ...why });
		this.#listener.stop();
		this.#webListener?.stop();
		// A member who has said goodbye must not be left in a room that goes on.
		this.#context.joins.drain(Number.POSITIVE_INFINITY);
		this.#context.room.flush();
		for (const connection of this.#connections) {
			connection.stop(connection.session.isMember ? toMembers : why);
		}
		this.#finishIfEmpty();
	}

	/** Returns undefined for a connection that does not even get a refusal. */
	#connect(socket: Socket<unknown>, from?: ConnectionOrigin): Connection | undefined {
		// A peer that has gone again by now has no address, whatever the runtime's types say.
		const address: string | undefined = socket.remoteAddress;
		if (this.#stopReason !== undefined || !address) return;
		if (!this.#connections.makeRoom(from?.ip ?? canonicalIp(address))) return;
		const connection = new Connection(socket, this.#context, from);
		this.#connections.add(connection);
		this.#startClockIfNeeded();
		return connection;
	}

	/** Members whose connection broke have to come back in time; other servers have to hear from us. */
	get #isClockNeeded(): boolean {
		const isIdle = this.#connections.size === 0 && (this.#webListener?.isEmpty ?? true);
		return !isIdle || this.#context.room.size > 0 || !this.#roomLog.isAlone;
	}

	#startClockIfNeeded(): void {
		if (this.#isClockNeeded) this.#startClock();
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
		let members = 0;
		for (const connection of this.#connections) {
			connection.tick(now);
			if (connection.session.isMember) members++;
		}
		const others = this.#connections.size - members;
		this.#webListener?.tick(now);
		joins.drain(now);
		room.tick();
		logger.tick();
		this.#runIsolated(() => this.#loginGarbage.tick(members, others));
		if (this.#isClockNeeded || logger.isIncomplete) return;
		clearInterval(this.#clock);
		this.#clock = undefined;
	}

	#finishIfEmpty(): void {
		if (this.#stopReason === undefined || this.#connections.size > 0) return;
		this.#finishing ??= this.#finish(this.#stopReason);
	}

	async #finish(why: string): Promise<void> {
		clearInterval(this.#clock);
		await this.#closeLog();
		this.#stores[Symbol.dispose]();
		this.#sweeper.finish();
		this.#options.logger.reportOmitted();
		if (this.#failure) return this.#reject(this.#failure);
		const goesOn = this.#roomLog.outlivesServer && !this.#context.room.hasEnded;
		this.#end(why + (goesOn ? ` ${this.#roomLog.isAlone ? GOES_ON : GOES_ON_ELSEWHERE}` : ""));
	}

	async #closeLog(): Promise<void> {
		const { room } = this.#context;
		room.close();
		const log = this.#roomLog;
		if (!room.hasEnded) await log.close();
		else await removeRoom({ room, log }, this.#stores.sharedBans, this.#options.logger);
	}

	#runIsolated(action: () => void): void {
		runIsolated("The server", (entry) => this.#options.logger.log(entry), action);
	}

	#warn(text: string, ip?: string): void {
		warnInto(this.#options.logger)(text, ip);
	}
}
