import { systemClocks } from "../../util/clock.ts";
import { ChatError } from "../../util/errors.ts";
import {
	hasCode,
	nextStep,
	type PeerReason,
	ProtocolError,
	reason,
} from "../../wire/errors/reason.ts";
import type { ClientMessage } from "../../wire/messages/messages.ts";
import { Connection } from "./connection.ts";
import { Unreachable } from "./dial.ts";
import type { ServerTarget } from "./endpoint.ts";
import { type Incoming, isPlaceLost, type Progress } from "./incoming.ts";
import { Untrusted } from "./known-servers.ts";

type Welcome = Extract<Incoming, { type: "welcome" }>;

/** What a member receives besides messages: the connection broke, or was restored. */
export type Status =
	| { type: "offline"; text: string }
	/** `lost`: how many messages the server can no longer replay. */
	| { type: "online"; lost: number };

/** Milliseconds that the server may take to answer our goodbye. */
const LEAVE_TIMEOUT = 2000;
/** Connections that may end for a fault within this many milliseconds before we give up. */
const MAX_FAULTS = 5;
const FAULT_WINDOW = 10 * 60_000;
/** Milliseconds before the first attempt to reconnect, and the longest pause between two. */
const FIRST_PAUSE = 250;
const MAX_PAUSE = 10_000;

/** Whether another attempt may succeed. */
const isRetryable = (error: unknown): boolean =>
	error instanceof ChatError && !isPlaceLost(error.code) && !(error instanceof Untrusted);

/**
 * A place in the room that outlives its connection. When the connection breaks, the membership
 * reconnects by itself, for as long as the server keeps the place, and continues where it stopped.
 */
export class Membership {
	readonly welcome: Welcome;
	readonly #target: ServerTarget;
	#connection: Connection;
	#token: string;
	#isOnline = true;
	#isSettled: boolean;
	#isClosed = false;
	/** We have said goodbye, or no longer need to. */
	#isLeaving = false;
	/** A new connection whose resume the server has not answered yet. */
	#attempt: Connection | undefined;
	/** When a connection ended for a fault, in monotonic milliseconds. */
	#faults: number[] = [];
	/** Ends the current pause at once. */
	#wake: (() => void) | undefined;

	constructor(target: ServerTarget, connection: Connection, welcome: Welcome) {
		this.#target = target;
		this.#connection = connection;
		this.welcome = welcome;
		this.#token = welcome.resume;
		this.#isSettled = welcome.history === undefined;
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
	 * Everything the member receives, and each change of its status. Ends after the goodbye, or
	 * throws ChatError.
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
				if (error instanceof ProtocolError && !this.#isFaultRare()) throw error;
				this.#isOnline = false;
				this.#isSettled = false;
				yield { type: "offline", text: error.message };
				const lost = await this.#reconnect(this.#connection.progress);
				if (lost === null) return;
				this.#isOnline = true;
				yield { type: "online", lost };
			}
		}
	}

	/**
	 * Whether we can come back at once. `replaced` is also the work of an earlier attempt of ours to
	 * come back, delivered late, as long as the server has not answered our ping. What it takes for a
	 * fault of ours may be the network's, but not again and again.
	 */
	#isBreak(closing: PeerReason): boolean {
		const next = nextStep(closing.code);
		if (hasCode(closing, "replaced")) return !this.#isSettled;
		return next === "resume" || (next === "give_up" && this.#isFaultRare());
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
		setTimeout(() => this.close(), LEAVE_TIMEOUT).unref();
	}

	close(): void {
		this.#isClosed = true;
		this.#isLeaving = true;
		this.#connection.close();
		this.#attempt?.close();
		this.#wake?.();
	}

	/**
	 * Resolves to the number of messages lost for good, or null if we are leaving. Throws
	 * Unreachable, with the server's code if the place is lost, and Untrusted if another server
	 * answers.
	 */
	async #reconnect(progress: Progress): Promise<number | null> {
		const deadline = systemClocks.now() + this.welcome.grace;
		for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, MAX_PAUSE)) {
			// With jitter, so that members whose connections broke together do not all return at once.
			await this.#pause(pause * (0.5 + Math.random()));
			if (this.#isClosed) return null;
			try {
				return await this.#resume(progress);
			} catch (error) {
				if (this.#isClosed) return null;
				if (!isRetryable(error)) throw error;
				if (systemClocks.now() < deadline) continue;
				const lost = reason("server_lost", "The connection to the server was lost.");
				throw new Unreachable(lost, { cause: error });
			}
		}
	}

	async #resume(progress: Progress): Promise<number> {
		const connection = await Connection.open(this.#target);
		try {
			this.#attempt = connection;
			if (this.#isClosed) throw new Unreachable(reason("left"));
			connection.resume(this.#token, progress);
			const { value: answer } = await connection.next();
			if (answer?.type === "denied") throw new Unreachable(answer);
			if (answer?.type !== "resumed") {
				throw new Unreachable(
					reason("no_answer", "The server gave an unexpected answer when we tried to reconnect."),
				);
			}
			this.#token = answer.resume;
			this.#connection = connection;
			// We do not know any more who is here.
			if (answer.lost.events > 0) connection.send({ type: "who" });
			return answer.lost.events + answer.lost.private;
		} catch (error) {
			connection.close();
			throw error;
		} finally {
			this.#attempt = undefined;
		}
	}

	async #pause(milliseconds: number): Promise<void> {
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, milliseconds);
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
}
