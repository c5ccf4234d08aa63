import { Queue } from "../../util/queue.ts";
import type { Say, Tell } from "../../wire/messages/messages.ts";

/** A message that the room has not echoed yet. Without its echo it was not said. */
export interface PendingMessage {
	readonly message: Say | Tell;
	state: /** Not sent yet, or to be sent again. */
		| "waiting"
		/** Sent; the echo may still come. */
		| "sent"
		/** Sent, but the echo is late. The room may have it all the same. */
		| "overdue"
		/** The room does not have it. */
		| "failed";
	/** When it was last sent, or began to wait; in monotonic milliseconds. */
	since: number;
	/** Why it is overdue or has failed. */
	failure: string | undefined;
	/** It was sent, and nobody has said what became of it. */
	isUndecided: boolean;
}

/** A pending message as another process of this visit can take it over. */
export interface UnsentMessage {
	readonly message: Say | Tell;
	/** Why it has failed; undefined if the room may have it, or is to get it. */
	readonly failure?: string | undefined;
}

/** Milliseconds without an echo after which a message is overdue. */
const ECHO_TIMEOUT = 5000;
/** Messages in flight at once: more would wait at the server for longer than an echo may take. */
const MAX_IN_FLIGHT = 64;
/** A server remembers this many ids of a member: more undecided messages might be said twice. */
const MAX_UNDECIDED = 1024;
/** Milliseconds that an echo usually takes; the user sees only messages that have waited longer. */
const QUICK_ECHO = 150;
/** What may be pending; callers check `isFull` before they add another message. */
const MAX_PENDING = 10_000;
const MAX_PENDING_CHARS = 8 * 1024 * 1024;

/** The messages that the room has not echoed, and those of them that wait for their turn. */
export class PendingMessages {
	readonly #messages = new Map<string, PendingMessage>();
	/** Those that wait, in their order; one whose state has changed is skipped. */
	#fresh = new Queue<PendingMessage>();
	/** Those that wait and are undecided: they go first, because they may be said already. */
	#undecidedFirst = new Queue<PendingMessage>();
	readonly #count = { waiting: 0, sent: 0, overdue: 0, failed: 0 };
	#undecided = 0;
	#chars = 0;

	get isFull(): boolean {
		return this.#messages.size >= MAX_PENDING || this.#chars >= MAX_PENDING_CHARS;
	}

	/** How many are in flight, or will be. */
	get unsettled(): number {
		return this.#count.waiting + this.#count.sent;
	}

	/** In the order in which they were added. */
	[Symbol.iterator](): Iterator<PendingMessage> {
		return this.#messages.values();
	}

	/** Adds a message, or lets one that is overdue or failed wait again. */
	add(message: Say | Tell, now: number): void {
		const known = this.#messages.get(message.id);
		if (known && !isFailure(known)) return;
		const entry = known ?? this.#create(message, now);
		this.#change(entry, "waiting", { since: now });
		this.#enqueue(entry);
	}

	/** Marks the next message as sent and returns it; undefined if there is none, or it must wait. */
	next(now: number): Say | Tell | undefined {
		if (this.#count.sent >= MAX_IN_FLIGHT) return;
		const next =
			take(this.#undecidedFirst, ({ isUndecided }) => isUndecided) ??
			(this.#undecided < MAX_UNDECIDED
				? take(this.#fresh, ({ isUndecided }) => !isUndecided)
				: undefined);
		if (!next) return;
		this.#decide(next, true);
		this.#change(next, "sent", { since: now });
		return next.message;
	}

	get unsent(): UnsentMessage[] {
		const kept = ({ message, state, failure }: PendingMessage): UnsentMessage =>
			state === "failed" ? { message, failure } : { message };
		return Array.from(this.#messages.values(), kept);
	}

	/**
	 * Adds what another process had pending. What has failed waits for its author; of anything else
	 * nobody knows whether it was sent: call `sendAgain` to have it sent.
	 */
	restore({ message, failure }: UnsentMessage, now: number): void {
		const entry = this.#create(message, now);
		if (failure === undefined) this.#decide(entry, true);
		else this.#change(entry, "failed", { failure });
	}

	/** After a break: nobody knows what became of the messages sent, so all must be sent again. */
	sendAgain(now: number): void {
		this.#undecidedFirst = new Queue();
		for (const entry of this.#messages.values()) {
			if (!entry.isUndecided) continue;
			this.#change(entry, "waiting", { since: now });
			this.#enqueue(entry);
		}
	}

	/** The room has the message, however late its echo. False if it was not pending. */
	echoed(id: string): boolean {
		const entry = this.#messages.get(id);
		if (entry) this.#remove(entry);
		return entry !== undefined;
	}

	/** Marks a message as failed and returns it, or undefined if it is not pending. */
	failed(id: string, failure: string): PendingMessage | undefined {
		const entry = this.#messages.get(id);
		if (!entry) return;
		this.#decide(entry, false);
		this.#change(entry, "failed", { failure });
		return entry;
	}

	/** Those that are late or have failed. */
	late(now: number): PendingMessage[] {
		return [...this.#messages.values()].filter(
			({ failure, since }) => failure !== undefined || now - since > QUICK_ECHO,
		);
	}

	/** Marks messages whose echo is overdue, and returns them. */
	overdue(now: number, failure: string): PendingMessage[] {
		const late = [...this.#messages.values()].filter(
			({ state, since }) => state === "sent" && now - since >= ECHO_TIMEOUT,
		);
		for (const entry of late) this.#change(entry, "overdue", { failure });
		return late;
	}

	/** Messages that are overdue or failed. Add them again under their ids: none is said twice. */
	failures(): (Say | Tell)[] {
		return [...this.#messages.values()].filter(isFailure).map(({ message }) => message);
	}

	/** Drops the messages that are overdue or failed. Returns how many there were. */
	forget(): number {
		const failures = [...this.#messages.values()].filter(isFailure);
		for (const entry of failures) this.#remove(entry);
		return failures.length;
	}

	#create(message: Say | Tell, now: number): PendingMessage {
		const entry: PendingMessage = {
			...{ message, state: "waiting", since: now },
			...{ failure: undefined, isUndecided: false },
		};
		this.#messages.set(message.id, entry);
		this.#count.waiting++;
		this.#chars += message.text.length;
		return entry;
	}

	#enqueue(entry: PendingMessage): void {
		(entry.isUndecided ? this.#undecidedFirst : this.#fresh).push(entry);
	}

	#remove(entry: PendingMessage): void {
		this.#decide(entry, false);
		this.#count[entry.state]--;
		// Wherever it still is in the queue, it is skipped.
		entry.state = "failed";
		this.#messages.delete(entry.message.id);
		this.#chars -= entry.message.text.length;
	}

	#decide(entry: PendingMessage, isUndecided: boolean): void {
		this.#undecided += Number(isUndecided) - Number(entry.isUndecided);
		entry.isUndecided = isUndecided;
	}

	#change(
		entry: PendingMessage,
		state: PendingMessage["state"],
		{ since = entry.since, failure }: { since?: number; failure?: string },
	): void {
		this.#count[entry.state]--;
		this.#count[state]++;
		Object.assign(entry, { state, since, failure });
	}
}

/** Takes the first message that still waits and belongs here. */
function take(
	queue: Queue<PendingMessage>,
	belongs: (entry: PendingMessage) => boolean,
): PendingMessage | undefined {
	for (let entry = queue.shift(); entry; entry = queue.shift()) {
		if (entry.state === "waiting" && belongs(entry)) return entry;
	}
	return undefined;
}

const isFailure = ({ state }: PendingMessage): boolean => state === "overdue" || state === "failed";
