import type { Say, Tell } from "../../wire/messages.ts";
import { reason } from "../../wire/reason.ts";

/** Something said that the room has not echoed yet. Not echoed means not said. */
export interface PendingMessage {
	readonly message: Say | Tell;
	/** When it was last sent, milliseconds since 1970. */
	sentAt: number;
	/** Why it counts as not said; undefined while the echo may still come. */
	failure: string | undefined;
}

/** Milliseconds after which no echo counts as a failure. */
const ECHO_TIMEOUT = 5000;
/** Beyond this many, no message should be added. */
const MAX_PENDING = 256;

/** What we said and have no receipt for. */
export class PendingMessages {
	readonly #messages = new Map<string, PendingMessage>();

	get isFull(): boolean {
		return this.#messages.size >= MAX_PENDING;
	}

	/** In the order they were first said. */
	[Symbol.iterator](): Iterator<PendingMessage> {
		return this.#messages.values();
	}

	sent(message: Say | Tell, now: number): void {
		const known = this.#messages.get(message.id);
		if (known) Object.assign(known, { sentAt: now, failure: undefined });
		else this.#messages.set(message.id, { message, sentAt: now, failure: undefined });
	}

	/** The receipt: the room has it, however late. False if it was not pending. */
	echoed(id: string): boolean {
		return this.#messages.delete(id);
	}

	/** The message failed; gives it, or undefined if it is none of ours. */
	failed(id: string, reason: string): PendingMessage | undefined {
		const entry = this.#messages.get(id);
		if (entry) entry.failure = reason;
		return entry;
	}

	/** Those whose echo is overdue, each given once. */
	overdue(now: number): PendingMessage[] {
		const late = [...this.#messages.values()].filter(
			({ failure, sentAt }) => failure === undefined && now - sentAt >= ECHO_TIMEOUT,
		);
		for (const entry of late) entry.failure = reason("no_echo").text;
		return late;
	}

	/** What may have got lost with a connection: to be sent again, under the same ids. */
	inFlight(): (Say | Tell)[] {
		return [...this.#messages.values()]
			.filter(({ failure }) => failure === undefined)
			.map(({ message }) => message);
	}

	/** What can be said again, under the same ids, so that nothing is said twice. */
	failures(): (Say | Tell)[] {
		return [...this.#messages.values()]
			.filter(({ failure }) => failure !== undefined)
			.map(({ message }) => message);
	}

	/** Gives up on everything that failed. */
	forget(): void {
		for (const { id } of this.failures()) this.#messages.delete(id);
	}
}
