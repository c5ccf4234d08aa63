import type { Socket } from "bun";
import { type Reason, reason } from "../../wire/errors/reason.ts";
import { Outbox } from "../../wire/transport/outbox.ts";
import { canonicalIp, networkOf, networksOf } from "../limits/ip-address.ts";
import type { ServerContext, Transport } from "../session/context.ts";
import { Session } from "../session/session.ts";
import { type Framing, type FramingPeer, PlainFraming } from "./framing.ts";

/** Stop reading from a client with this many unsent bytes. */
const PAUSE_AT_BYTES = 256 * 1024;
/** With at most this many unsent bytes, a client can take more of what it has missed. */
const READY_AT_BYTES = 64 * 1024;
/** Milliseconds a peer has to take our last message and close its side. */
const CLOSE_TIMEOUT = 2000;

/** Where a connection comes from that did not begin with its first line. */
export interface ConnectionOrigin {
	readonly ip: string;
	readonly framing: Framing;
	/** A key may travel on it. */
	readonly isEncrypted: boolean;
}

/** One socket: cuts its bytes into lines for the session, and queues bytes for a slow reader. */
export class Connection implements Transport, FramingPeer {
	readonly session: Session;
	readonly ip: string;
	/** The networks that it comes from, the largest first, and the one that limits count it by. */
	readonly networks: readonly string[];
	readonly network: string;
	/** The current socket: TLS replaces the first one. */
	socket: Socket<unknown>;
	/** Nothing has arrived yet. */
	isNew = true;
	/** Nobody on the way can read it. */
	isEncrypted: boolean;
	readonly #context: ServerContext;
	readonly #framing: Framing;
	#outbox: Outbox;
	/** We are not reading: the client sends faster than it may, or faster than it reads. */
	#isPaused = false;
	#resumeTimer: Timer | undefined;
	/** What arrived all the same, if anything. */
	#held: Buffer[] | undefined;
	#whenReady: (() => void) | undefined;
	/** The client has been told `too_slow`: before that it still has to read all that is on its way. */
	#isTooSlow = false;
	/** When to cut this connection, in monotonic milliseconds; undefined while it is in use. */
	#cutAt: number | undefined;

	constructor(socket: Socket<unknown>, context: ServerContext, origin?: ConnectionOrigin) {
		// Otherwise a small line would wait until the one before it is acknowledged.
		socket.setNoDelay(true);
		this.socket = socket;
		this.#context = context;
		this.ip = origin?.ip ?? canonicalIp(socket.remoteAddress);
		this.networks = networksOf(this.ip);
		this.network = networkOf(this.ip);
		this.isEncrypted = origin?.isEncrypted ?? false;
		this.#framing = origin?.framing ?? new PlainFraming(context.limits.loginLine);
		this.#outbox = new Outbox(socket);
		this.session = new Session(this, context);
	}

	/** The client has not sent a login yet, and has not been told to go. */
	get isUnauthenticated(): boolean {
		return !this.isClosing && this.session.isUnauthenticated;
	}

	/** The client has been told to go. */
	get isClosing(): boolean {
		return this.#cutAt !== undefined;
	}

	/** Continues over TLS, before anything was said. */
	upgrade(socket: Socket<unknown>): void {
		this.isNew = false;
		this.isEncrypted = true;
		this.socket = socket;
		this.#outbox = new Outbox(socket);
	}

	receive(chunk: Buffer): void {
		this.isNew = false;
		if (this.#cutAt !== undefined) return;
		// A closing socket still delivers what it had, even if paused.
		if (this.#isPaused) return this.#hold(chunk);
		this.session.runIsolated(() => {
			const rest = this.#framing.read(chunk, this);
			if (rest) this.#hold(rest);
		});
		if (this.#held || this.#mustWait()) this.#pause();
	}

	#hold(chunk: Buffer): void {
		this.#held ??= [];
		this.#held.push(Buffer.from(chunk));
	}

	take(line: string): boolean {
		this.session.receive(line);
		return !this.#mustWait();
	}

	reply(bytes: Uint8Array): boolean {
		if (this.#cutAt === undefined) this.#outbox.write(bytes);
		return !this.#mustWait();
	}

	/** What we do not read waits with its sender: nothing is lost and nobody else is held up. */
	#mustWait(): boolean {
		return this.#isUnread || this.session.rateWait !== null;
	}

	/** The client does not read what we send, and gets no more answers for now. */
	get #isUnread(): boolean {
		return this.#outbox.size > PAUSE_AT_BYTES;
	}

	#pause(): void {
		this.#isPaused = true;
		this.socket.pause();
		const wait = this.session.rateWait;
		if (wait === null) return;
		clearTimeout(this.#resumeTimer);
		this.#resumeTimer = setTimeout(() => this.#resume(), wait).unref();
	}

	#resume(): void {
		if (!this.#isPaused) return;
		if (this.#cutAt === undefined) {
			if (this.#isUnread) return;
			this.session.runIsolated(() => this.session.carryOut());
			if (this.session.rateWait !== null) return this.#pause();
		}
		this.#isPaused = false;
		const held = this.#held;
		this.#held = undefined;
		for (const chunk of held ?? []) this.receive(chunk);
		if (!this.#isPaused) this.socket.resume();
	}

	setMaxLine(bytes: number): void {
		this.#framing.limit = bytes;
	}

	send(lines: Buffer): void {
		if (this.#cutAt !== undefined) return;
		this.#outbox.write(this.#framing.encode(lines));
		if (this.#outbox.size <= this.#context.limits.queueBytes) return;
		// Keep the counted lines: with a gap in the count, the client could not open the reason.
		this.#outbox.discard((bytes) => this.#framing.isSessionLine(bytes));
		this.session.hangUp(reason("too_slow"));
	}

	hangUp(reason: Reason): void {
		this.session.hangUp(reason);
	}

	whenReady(action: () => void): void {
		this.#whenReady = action;
		setImmediate(() => this.#runIfReady());
	}

	#runIfReady(): void {
		if (this.#cutAt !== undefined || this.#outbox.size > READY_AT_BYTES) return;
		const action = this.#whenReady;
		this.#whenReady = undefined;
		action?.();
	}

	/** Ends the connection because the server stops: it waits for nobody longer than for others. */
	stop(reason: Reason): void {
		if (this.#isTooSlow) this.#cutAt = this.#context.now() + CLOSE_TIMEOUT;
		this.session.hangUp(reason);
	}

	end(lastWord: Buffer): void {
		if (this.#cutAt !== undefined) return;
		this.#outbox.write(this.#framing.encode(lastWord));
		this.#hangUp();
	}

	abandon(lastWord: Buffer): void {
		if (this.#cutAt !== undefined) return;
		const { size } = this.#outbox;
		this.#outbox.discard(() => false);
		// With a gap in the count, the client could not open the reason.
		if (this.#outbox.size === size) this.#outbox.write(this.#framing.encode(lastWord));
		this.#hangUp();
	}

	endPatiently(lastWord: Buffer): void {
		this.#isTooSlow = true;
		this.end(lastWord);
	}

	/** Call when the socket can take more. */
	drain(): void {
		this.#outbox.drain();
		// A client that reads is still there, even if we are not reading from it.
		this.session.resetIdleTimer(this.#context.now());
		this.#resume();
		this.#runIfReady();
		if (this.#cutAt !== undefined && this.#outbox.size === 0) this.socket.shutdown();
	}

	/** Call when the peer has closed its side: there is nothing left to wait for. */
	onEnd(): void {
		this.session.onClosed();
		if (this.#cutAt === undefined) this.#hangUp();
	}

	tick(now: number): void {
		if (this.session.rateWait !== null) this.session.resetIdleTimer(now);
		this.#resume();
		if (this.#cutAt === undefined) this.session.tick(now);
		else if (now >= this.#cutAt) this.socket.terminate();
	}

	/** Sends the rest, half-closes and waits: `end()` could drop what the kernel has not sent yet. */
	#hangUp(): void {
		const { idleTime } = this.#context.limits;
		const timeout = this.#isTooSlow ? idleTime * 1000 : CLOSE_TIMEOUT;
		this.#cutAt = this.#context.now() + timeout;
		// A paused socket would not notice that its peer closes.
		this.#resume();
		if (this.#framing.goodbye) this.#outbox.write(this.#framing.goodbye);
		if (this.#outbox.size === 0) this.socket.shutdown();
	}
}
