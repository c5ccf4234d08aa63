import type { Socket } from "bun";
import { LineReader } from "../../wire/line-reader.ts";
import { Outbox } from "../../wire/outbox.ts";
import { reason } from "../../wire/reason.ts";
import { isSessionLine } from "../../wire/server-line.ts";
import { canonicalIp } from "../limits/ip-address.ts";
import type { ServerContext, Transport } from "../session/context.ts";
import { Session } from "../session/session.ts";

/** Bytes waiting for somebody who does not read, from which on that one is not heard either. */
const PAUSE_AT_BYTES = 256 * 1024;
/** Milliseconds a peer has to take our last word and close its side. */
const CLOSE_TIMEOUT = 2000;

/** One socket: bytes in become lines for its session, and what is sent waits for a slow reader. */
export class Connection implements Transport {
	readonly session: Session;
	readonly ip: string;
	/** What it speaks over now: another, once it is encrypted. */
	socket: Socket<unknown>;
	/** Nothing was heard yet. */
	isNew = true;
	/** Nobody on the way can read it. */
	isEncrypted = false;
	readonly #context: ServerContext;
	readonly #lineReader: LineReader;
	#outbox: Outbox;
	/** Not heard for now: it speaks faster than it may, or than it reads. */
	#isPaused = false;
	/** What came all the same. */
	#held: Buffer[] = [];
	/** When a finished connection is cut, milliseconds since 1970; undefined while it is in use. */
	#cutAt: number | undefined;

	constructor(socket: Socket<unknown>, context: ServerContext) {
		// Small lines must not wait for the acknowledgement of the one before.
		socket.setNoDelay(true);
		this.socket = socket;
		this.#context = context;
		this.ip = canonicalIp(socket.remoteAddress);
		this.#lineReader = new LineReader(context.limits.loginLine);
		this.#outbox = new Outbox(socket);
		this.session = new Session(this, context);
	}

	/** Nobody has shown yet that they mean to log in. */
	get isUnauthenticated(): boolean {
		return this.#cutAt === undefined && this.session.isUnauthenticated;
	}

	/** From here on it speaks TLS. Nothing was said before. */
	upgrade(socket: Socket<unknown>): void {
		this.isNew = false;
		this.isEncrypted = true;
		this.socket = socket;
		this.#outbox = new Outbox(socket);
	}

	receive(chunk: Buffer): void {
		this.isNew = false;
		if (this.#cutAt !== undefined) return;
		// A socket that closes gives what it still had, paused or not.
		if (this.#isPaused) return void this.#held.push(Buffer.from(chunk));
		this.session.runIsolated(() =>
			this.#lineReader.push(chunk, (line) => this.session.receive(line)),
		);
		if (!this.#mustWait()) return;
		this.#isPaused = true;
		this.socket.pause();
	}

	/** What is not heard waits with its sender, so that nothing is lost and nobody else is held up. */
	#mustWait(): boolean {
		return this.#outbox.size > PAUSE_AT_BYTES || this.session.isOverRate(this.#context.now());
	}

	#resume(): void {
		if (!this.#isPaused || (this.#cutAt === undefined && this.#mustWait())) return;
		this.#isPaused = false;
		const held = this.#held;
		this.#held = [];
		for (const chunk of held) this.receive(chunk);
		if (!this.#isPaused) this.socket.resume();
	}

	setMaxLine(bytes: number): void {
		this.#lineReader.limit = bytes;
	}

	send(bytes: Buffer): void {
		if (this.#cutAt !== undefined) return;
		this.#outbox.write(bytes);
		if (this.#outbox.size <= this.#context.limits.queueBytes) return;
		// What is counted stays: with a gap in it, the reason could not be told.
		this.#outbox.discard(isSessionLine);
		this.session.end(reason("too_slow"));
	}

	finish(lastWord: Buffer): void {
		if (this.#cutAt !== undefined) return;
		this.#outbox.write(lastWord);
		this.#hangUp();
	}

	/** The socket can take more. */
	drain(): void {
		this.#outbox.drain();
		// Who reads is there, even if we do not listen.
		this.session.resetIdleTimer(this.#context.now());
		this.#resume();
		if (this.#cutAt !== undefined && this.#outbox.size === 0) this.socket.shutdown();
	}

	/** The peer will send nothing more, so there is nothing left to wait for. */
	ended(): void {
		this.session.closed();
		if (this.#cutAt === undefined) this.#hangUp();
	}

	tick(now: number): void {
		if (this.#isPaused && this.session.isOverRate(now)) this.session.resetIdleTimer(now);
		this.#resume();
		if (this.#cutAt === undefined) this.session.tick(now);
		else if (now >= this.#cutAt) this.socket.terminate();
	}

	/** `end()` could drop what the kernel has not sent yet: say the rest, half-close, then wait. */
	#hangUp(): void {
		this.#cutAt = this.#context.now() + CLOSE_TIMEOUT;
		// A paused socket would not notice its peer's end.
		this.#resume();
		if (this.#outbox.size === 0) this.socket.shutdown();
	}
}
