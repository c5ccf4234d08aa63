import type { Say, Tell } from "../../wire/messages.ts";
import { reason } from "../../wire/reason.ts";

/** A message sent that the room has not echoed yet. Without its echo it was not said. */
export interface PendingMessage {
	readonly message: Say | Tell;
	/** When it was last sent, in milliseconds since 1970. */
	sentAt: number;
	/** Why it failed; undefined while the echo may still come. */
	failure: string | undefined;
}

/** Milliseconds without an echo after which a message has failed. */
const ECHO_TIMEOUT = 5000;
/** Messages that may be pending; callers check `isFull` before they add another. */
const MAX_PENDING = 256;

/** The messages that we sent and the room has not echoed. */
export class PendingMessages {
	readonly #messages = new Map<string, PendingMessage>();

	get isFull(): boolean {
		return this.#messages.size >= MAX_PENDING;
	}

	/** In the order in which they were first sent. */
	[Symbol.iterator](): Iterator<PendingMessage> {
		return this.#messages.values();
	}

	sent(message: Say | Tell, now: number): void {
		const known = this.#messages.get(message.id);
		if (known) Object.assign(known, { sentAt: now, failure: undefined });
		else this.#messages.set(message.id, { message, sentAt: now, failure: undefined });
	}

	/** The room has the message, however late its echo. False if it was not pending. */
	echoed(id: string): boolean {
		return this.#messages.delete(id);
	}

	/** Marks a message as failed and returns it, or undefined if it is not pending. */
	failed(id: string, reason: string): PendingMessage | undefined {
		const entry = this.#messages.get(id);
		if (entry) entry.failure = reason;
		return entry;
	}

	/** Marks messages whose echo is overdue as failed, and returns them. */
	overdue(now: number): PendingMessage[] {
		const late = [...this.#messages.values()].filter(
			({ failure, sentAt }) => failure === undefined && now - sentAt >= ECHO_TIMEOUT,
		);
		for (const entry of late) entry.failure = reason("no_echo").text;
		return late;
	}

	/** Messages whose echo may still come. After a break, resend them under the same ids. */
	inFlight(): (Say | Tell)[] {
		return [...this.#messages.values()]
			.filter(({ failure }) => failure === undefined)
			.map(({ message }) => message);
	}

	/** Messages that failed. Resend them under the same ids, so that nothing is said twice. */
	failures(): (Say | Tell)[] {
		return [...this.#messages.values()]
			.filter(({ failure }) => failure !== undefined)
			.map(({ message }) => message);
	}

	/** Drops the messages that failed. Returns how many there were. */
	forget(): number {
		const failures = this.failures();
		for (const { id } of failures) this.#messages.delete(id);
		return failures.length;
	}
}
