import type { Say, Tell } from "../../wire/messages.ts";

/** Something said that the room has not echoed yet. Not echoed means not said. */
export interface Unechoed {
	readonly message: Say | Tell;
	/** When it was last sent, milliseconds since 1970. */
	sentAt: number;
	/** Why it counts as not said; undefined while the echo may still come. */
	failure: string | undefined;
}

/** Milliseconds after which no echo counts as a failure. */
const PATIENCE = 5000;
/** More than this many unechoed messages are not taken on. */
const MOST = 256;

/** What we said and have no receipt for. */
export class Outgoing {
	readonly #unechoed = new Map<string, Unechoed>();

	get isFull(): boolean {
		return this.#unechoed.size >= MOST;
	}

	has(id: string): boolean {
		return this.#unechoed.has(id);
	}

	get size(): number {
		return this.#unechoed.size;
	}

	/** In the order they were first said. */
	[Symbol.iterator](): Iterator<Unechoed> {
		return this.#unechoed.values();
	}

	sent(message: Say | Tell, now: number): void {
		const known = this.#unechoed.get(message.id);
		if (known) Object.assign(known, { sentAt: now, failure: undefined });
		else this.#unechoed.set(message.id, { message, sentAt: now, failure: undefined });
	}

	/** The receipt: the room has it, however late. Whether it was waited for. */
	echoed(id: string): boolean {
		return this.#unechoed.delete(id);
	}

	/** The message failed; gives it, or undefined if it is none of ours. */
	failed(id: string, reason: string): Unechoed | undefined {
		const entry = this.#unechoed.get(id);
		if (entry) entry.failure = reason;
		return entry;
	}

	/** Those whose echo is overdue, each given once. */
	overdue(now: number): Unechoed[] {
		const late = [...this.#unechoed.values()].filter(
			({ failure, sentAt }) => failure === undefined && now - sentAt >= PATIENCE,
		);
		for (const entry of late) entry.failure = "no answer from the room";
		return late;
	}

	/** What may have got lost with a connection: to be sent again, under the same ids. */
	underWay(): (Say | Tell)[] {
		return [...this.#unechoed.values()]
			.filter(({ failure }) => failure === undefined)
			.map(({ message }) => message);
	}

	/** What can be said again, under the same ids, so that nothing is said twice. */
	failures(): (Say | Tell)[] {
		return [...this.#unechoed.values()]
			.filter(({ failure }) => failure !== undefined)
			.map(({ message }) => message);
	}

	/** Gives up on everything that failed. */
	forget(): void {
		for (const { id } of this.failures()) this.#unechoed.delete(id);
	}
}
