import { systemClocks } from "../../util/clock.ts";
import { ChatError } from "../../util/errors.ts";
import { hasCode, nextStep, type PeerReason, ProtocolError } from "../../wire/errors/reason.ts";
import type { ClientMessage } from "../../wire/messages/messages.ts";
import type { Connection } from "./connection.ts";
import { type Incoming, isPlaceLost } from "./incoming.ts";
import type { Admission } from "./join.ts";
import type { ServerTarget } from "./link.ts";
import { Unreachable, Untrusted } from "./link-errors.ts";
import { resume, type VisitPlace } from "./resume.ts";
import { type Pauses, retry } from "./retry.ts";
import type { RoomTarget } from "./room-target.ts";

/** What a member receives besides messages: the connection broke, or was restored. */
export type Status =
	/** We try to come back; `code` and `text` say why the connection ended. */
	| { type: "offline"; code: string; text: string }
	/**
	 * `lost`: how many messages the server can no longer replay; `server`: where we are now, if the room
	 * has several servers.
	 */
	| { type: "online"; lost: number; server?: string | undefined }
	/** The room does not know us any more, and we log in again: then a `welcome` follows. */
	| { type: "rejoining"; code: string; text: string };

/** How to come back after a break. */
export interface Persistence {
	/** Milliseconds for which to try to reach the server; with 0 the visit ends with its connection. */
	readonly patience: number;
	/**
	 * Logs in anew, in a room that has given up our place. Null if the user does not want to, or on
	 * abort. What it throws ends the visit.
	 */
	readonly logIn: (signal: AbortSignal) => Promise<Admission | null>;
}

/** Milliseconds that the server may take to answer our goodbye. */
const LEAVE_TIMEOUT = 2000;
/** Connections that may end for a fault within this many milliseconds before we give up. */
const MAX_FAULTS = 5;
const FAULT_WINDOW = 10 * 60_000;
/** Before each attempt to come back. */
export const PAUSES: Pauses = { first: 250, factor: 2, max: 10_000 };

/** Whether no further attempt to resume can succeed. */
const isFinal = (error: ChatError): boolean =>
	isPlaceLost(error.code) || error instanceof Untrusted;

/**
 * A stay in the room that outlives its connection. When the connection breaks, or the server stops,
 * the membership comes back by itself: it continues where it stopped, or, where the room has given
 * up its place, begins a new visit.
 */
export class Membership {
	readonly #target: RoomTarget;
	readonly #persistence: Persistence;
	#connection: Connection;
	#welcome: Admission["welcome"];
	#token: string;
	#isOnline = true;
	#isSettled: boolean;
	/** Aborted by `close`. */
	readonly #end = new AbortController();
	/** We have said goodbye, or no longer need to. */
	#isLeaving = false;
	#leaveTimer: Timer | undefined;
	/** When a connection ended for a fault, in monotonic milliseconds. */
	#faults: number[] = [];

	constructor(target: RoomTarget, admission: Admission, persistence: Persistence) {
		const { connection, welcome, lost } = admission;
		this.#target = target;
		this.#persistence = persistence;
		this.#connection = connection;
		this.#welcome = welcome;
		this.#token = welcome.resume;
		this.#isSettled = welcome.history === undefined && lost === undefined;
	}

	/** Of the visit that goes on now. */
	get welcome(): Admission["welcome"] {
		return this.#welcome;
	}

	/** The server that we are with, if the room has several. */
	get server(): string | undefined {
		return this.#target.servers.label;
	}

	/** What it takes to go on with this visit in another process. */
	get place(): VisitPlace {
		return { token: this.#token, progress: this.#connection.progress };
	}

	get isOnline(): boolean {
		return this.#isOnline;
	}

	/**
	 * Whether all that was said before has come. The room's history follows the welcome, and what we
	 * missed `online`; then comes the first `pong`: until then, echoes may still be on their way.
	 */
	get isSettled(): boolean {
		return this.#isSettled;
	}

	/**
	 * Everything the member receives after its first welcome, and each change of its status. Ends after
	 * the goodbye, or throws ChatError.
	 */
	async *[Symbol.asyncIterator](): AsyncGenerator<Incoming | Status, void> {
		for (;;) {
			try {
				for (;;) {
					const { done, value } = await this.#connection.next();
					if (done || this.#isClosed) return;
					if (value.type === "closing" && this.#isBreak(value)) throw new Unreachable(value);
					if (value.type === "pong") this.#isSettled = true;
					yield value;
				}
			} catch (error) {
				// After our own goodbye, a broken connection is an answer.
				if (this.#isLeaving) return;
				if (!(error instanceof ChatError)) throw error;
				if (this.#persistence.patience === 0) throw error;
				if (error instanceof ProtocolError && !this.#isFaultRare()) throw error;
				this.#isOnline = false;
				this.#isSettled = false;
				if (hasCode(error, "moving")) this.#target.servers.leaveCurrent();
				yield { type: "offline", code: error.code, text: error.message };
				const back = await this.#reconnect();
				if (back?.type === "rejoining") {
					// Somebody has logged in to our account elsewhere: to log in again would be to fight.
					if (hasCode(error, "replaced")) throw error;
					yield back;
					if (!(await this.#rejoin())) return;
					yield this.#welcome;
				} else if (back) yield back;
				else return;
			}
		}
	}

	/**
	 * Whether to try to come back. `replaced` is also the work of an earlier attempt of ours to
	 * come back, delivered late, as long as the server has not answered our ping. What it takes for a
	 * fault of ours may be the network's, but not again and again.
	 */
	#isBreak(closing: PeerReason): boolean {
		if (this.#persistence.patience === 0) return false;
		if (hasCode(closing, "replaced")) return !this.#isSettled;
		const next = nextStep(closing.code);
		if (next === "give_up") return this.#isFaultRare();
		return next === "resume" || next === "retry";
	}

	/** Counts a fault that one side found in what the other sent. */
	#isFaultRare(): boolean {
		const now = systemClocks.now();
		this.#faults = [...this.#faults.filter((at) => now - at < FAULT_WINDOW), now];
		return this.#faults.length <= MAX_FAULTS;
	}

	/** Drops the message while offline: without an echo it was not said, and can be sent again. */
	send(message: ClientMessage): void {
		if (this.#isOnline) this.#connection.send(message);
	}

	/** Says goodbye, and closes the connection if the server does not answer in time. */
	leave(): void {
		this.#isLeaving = true;
		if (!this.#isOnline) return this.close();
		this.#connection.confirm();
		this.send({ type: "leave" });
		this.#leaveTimer = setTimeout(() => this.close(), LEAVE_TIMEOUT);
	}

	/** The process goes away, and perhaps another goes on with the visit: if none does, we have left. */
	part(): void {
		if (this.#isOnline && !this.#isLeaving) this.#connection.part();
	}

	close(): void {
		clearTimeout(this.#leaveTimer);
		this.#isLeaving = true;
		this.#end.abort();
		this.#connection.close();
	}

	get #isClosed(): boolean {
		return this.#end.signal.aborted;
	}

	/**
	 * Comes back with our token. Null if we are leaving. Throws Unreachable `server_gone`, or with the
	 * server's code if an owner has removed us, and Untrusted if another server answers.
	 */
	async #reconnect(): Promise<Status | null> {
		const { place } = this;
		const { patience } = this.#persistence;
		const options = { patience, pauses: PAUSES, isFinal, signal: this.#end.signal };
		try {
			const { servers } = this.#target;
			const attempt = (signal: AbortSignal) =>
				servers.tryInTurn((server) => this.#resume(server, place, signal), signal);
			const lost = await retry(attempt, options);
			return lost === null ? null : { type: "online", lost, server: this.server };
		} catch (error) {
			if (!(error instanceof ChatError) || nextStep(error.code) !== "log_in") throw error;
			return { type: "rejoining", code: error.code, text: error.message };
		}
	}

	/** Resolves to how many messages are lost. */
	async #resume(server: ServerTarget, place: VisitPlace, signal: AbortSignal): Promise<number> {
		const { connection, token, lost } = await resume(server, place, signal);
		this.#continue(connection, token);
		return lost;
	}

	/** Begins a new visit. False if there is none. */
	async #rejoin(): Promise<boolean> {
		const admission = await this.#persistence.logIn(this.#end.signal);
		if (!admission) return false;
		const { connection, welcome } = admission;
		this.#welcome = welcome;
		this.#isSettled = welcome.history === undefined;
		this.#continue(connection, welcome.resume);
		if (this.#isClosed) connection.close();
		return true;
	}

	#continue(connection: Connection, token: string): void {
		this.#connection = connection;
		this.#token = token;
		this.#isOnline = true;
	}
}
