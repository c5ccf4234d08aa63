import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { hasCode, reason } from "../../wire/errors/reason.ts";
import type { Say, Tell } from "../../wire/messages/messages.ts";
import type { Incoming } from "../net/incoming.ts";
import type { Membership, Status } from "../net/membership.ts";
import { type PendingMessage, PendingMessages, type UnsentMessage } from "./pending-messages.ts";

/** Unsettled messages from which on a sender of many should wait. */
const CAPACITY = 64;

interface DeliveryOptions {
	readonly membership: Pick<Membership, "isSettled" | "send" | "welcome">;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Called when a message failed; `code` is the server's, `resume_expired` or `no_echo`. */
	readonly onFailure: (message: PendingMessage, code: string) => void;
}

/**
 * Gets our messages into the room. Each is pending until the room echoes it; those sent are sent
 * again after the connection broke.
 */
export class Delivery {
	readonly #options: DeliveryOptions;
	readonly #pending = new PendingMessages();
	/** Resolved when a message is settled, and then replaced. */
	#settled = Promise.withResolvers<void>();

	constructor(options: DeliveryOptions) {
		this.#options = options;
	}

	/** In the order in which they were first given to us. */
	get pending(): readonly PendingMessage[] {
		return [...this.#pending];
	}

	/** The same, for another process of this visit. */
	get unsent(): readonly UnsentMessage[] {
		return this.#pending.unsent;
	}

	/** What the user is shown of them: those that are late or have failed. */
	get late(): readonly PendingMessage[] {
		return this.#pending.late(this.#options.now());
	}

	/** Whether so much is pending that no other message can be taken. */
	get isFull(): boolean {
		return this.#pending.isFull;
	}

	/** Sends a message as soon as it may go. */
	send(message: Say | Tell): void {
		this.#pending.add(message, this.#options.now());
		this.#sendWaiting();
	}

	/**
	 * Takes over what an earlier process of this visit had not seen echoed: what had not failed there
	 * goes once we are `online`.
	 */
	restore(messages: readonly UnsentMessage[]): void {
		for (const message of messages) this.#pending.restore(message, this.#options.now());
	}

	/** The visit is over, and the user shall decide whether to say in the next what was not sent. */
	failUnsent(): void {
		this.#failWithVisit(({ state }) => state === "waiting");
	}

	/** Sends the failed messages again, under the same ids. Returns how many there were. */
	resendFailures(): number {
		const failures = this.#pending.failures();
		for (const message of failures) this.send(message);
		return failures.length;
	}

	/** Drops the failed messages. Returns how many there were. */
	forgetFailures(): number {
		const forgotten = this.#pending.forget();
		this.#sendWaiting();
		return forgotten;
	}

	/** Learns what became of our messages. True if there is nothing else to do with `message`. */
	receive(message: Incoming | Status): boolean {
		switch (message.type) {
			case "said":
			case "told":
				// We check the sender, too: anyone else may choose the same id.
				if (message.from === this.#options.membership.welcome.name) this.#echoed(message.id);
				return false;
			case "online":
				// What we missed comes now. Whatever has no echo in it is sent again when we are settled.
				this.#pending.sendAgain(this.#options.now());
				return false;
			case "rejoining":
				// No id of this visit means anything in the next: what may have been said is not repeated.
				this.#failWithVisit(({ isUndecided }) => isUndecided);
				return false;
			case "welcome":
				this.#sendWaiting();
				return false;
			case "pong":
				this.#sendWaiting();
				return true;
			case "refused":
				return this.#refused(message);
			default:
				return false;
		}
	}

	/** Call regularly: fails messages that have waited too long for their echo. */
	checkOverdue(): void {
		// While the connection is broken, or something is still coming, no echo can be late.
		if (!this.#options.membership.isSettled) return;
		const { code, text } = reason("no_echo");
		for (const late of this.#pending.overdue(this.#options.now(), text)) this.#failed(late, code);
	}

	/** Resolves when few enough messages are unsettled to send one more. For senders of many. */
	waitForCapacity(): Promise<void> {
		return this.#waitUntilBelow(CAPACITY);
	}

	/** Resolves when every message has been echoed or has failed. */
	waitUntilSettled(): Promise<void> {
		return this.#waitUntilBelow(1);
	}

	#failWithVisit(isLost: (message: PendingMessage) => boolean): void {
		for (const entry of this.pending.filter(isLost)) {
			this.#pending.failed(entry.message.id, "You lost your place in the room.");
			this.#failed(entry, "resume_expired" satisfies ErrorCode);
		}
	}

	async #waitUntilBelow(count: number): Promise<void> {
		while (this.#pending.unsettled >= count) await this.#settled.promise;
	}

	#sendWaiting(): void {
		const { membership, now } = this.#options;
		if (!membership.isSettled) return;
		for (let next = this.#pending.next(now()); next; next = this.#pending.next(now())) {
			membership.send(next);
		}
	}

	/** False if the caller must handle it: it concerns something else, or replaces a lost echo. */
	#refused(refusal: Extract<Incoming, { type: "refused" }>): boolean {
		const { code, id = "", text } = refusal;
		// As good as the echo, which the server can no longer replay.
		if (hasCode(refusal, "already_said")) return !this.#echoed(id);
		const failed = this.#pending.failed(id, text);
		if (failed) this.#failed(failed, code);
		return failed !== undefined;
	}

	#echoed(id: string): boolean {
		const wasPending = this.#pending.echoed(id);
		this.#settle();
		return wasPending;
	}

	#failed(message: PendingMessage, code: string): void {
		this.#options.onFailure(message, code);
		this.#settle();
	}

	#settle(): void {
		this.#sendWaiting();
		this.#settled.resolve();
		this.#settled = Promise.withResolvers();
	}
}
