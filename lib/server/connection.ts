import type { Socket } from "bun";
import { isSessionLine, LOGIN_LINE } from "../wire/channel.ts";
import { Lines } from "../wire/lines.ts";
import { Outbox } from "../wire/outbox.ts";
import { type House, type Line, Session } from "./session.ts";

/** Milliseconds a peer has to take our last word and close its side. */
const GRACE = 2000;

/** One socket: bytes in become lines for its session, and what is sent waits for a slow reader. */
export class Connection implements Line {
	readonly session: Session;
	readonly #socket: Socket<unknown>;
	readonly #house: House;
	readonly #lines = new Lines(LOGIN_LINE);
	readonly #outbox: Outbox;
	/** When a finished connection is cut, milliseconds since 1970; undefined while it is in use. */
	#cutAt: number | undefined;

	constructor(socket: Socket<unknown>, house: House) {
		// Small lines must not wait for the acknowledgement of the one before.
		socket.setNoDelay(true);
		this.#socket = socket;
		this.#house = house;
		this.#outbox = new Outbox(socket);
		this.session = new Session(this, house);
	}

	hear(chunk: Buffer): void {
		if (this.#cutAt !== undefined) return;
		this.session.guard(() => this.#lines.push(chunk, (line) => this.session.hear(line)));
	}

	allow(bytes: number): void {
		this.#lines.limit = bytes;
	}

	send(bytes: Buffer): void {
		if (this.#cutAt !== undefined) return;
		this.#outbox.write(bytes);
		if (this.#outbox.size <= this.#house.limits.queueBytes) return;
		// What is counted stays: with a gap in it, the reason could not be told.
		this.#outbox.abandon(isSessionLine);
		this.session.end("too_slow", "you read more slowly than the room speaks");
	}

	finish(lastWord: Buffer): void {
		if (this.#cutAt !== undefined) return;
		this.#outbox.write(lastWord);
		this.#hangUp();
	}

	/** The socket can take more. */
	drain(): void {
		this.#outbox.drain();
		if (this.#cutAt !== undefined && this.#outbox.size === 0) this.#socket.shutdown();
	}

	/** The peer will send nothing more, so there is nothing left to wait for. */
	ended(): void {
		this.session.closed();
		if (this.#cutAt === undefined) this.#hangUp();
	}

	tick(now: number): void {
		if (this.#cutAt === undefined) this.session.tick(now);
		else if (now >= this.#cutAt) this.#socket.terminate();
	}

	/** `end()` could drop what the kernel has not sent yet: say the rest, half-close, then wait. */
	#hangUp(): void {
		this.#cutAt = this.#house.now() + GRACE;
		if (this.#outbox.size === 0) this.#socket.shutdown();
	}
}
