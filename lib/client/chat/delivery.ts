import type { Say, Tell } from "../../wire/messages.ts";
import { hasCode } from "../../wire/reason.ts";
import type { Incoming } from "../net/connection.ts";
import type { Membership, Status } from "../net/membership.ts";
import { type PendingMessage, PendingMessages } from "./pending-messages.ts";

/** Messages in flight at once: more would wait at the server for longer than an echo may take. */
const MAX_IN_FLIGHT = 64;

interface DeliveryOptions {
	readonly membership: Pick<Membership, "isOnline" | "send" | "welcome">;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Called when a message failed; `code` is the server's, or `no_echo`. */
	readonly onFailure: (message: PendingMessage, code: string) => void;
}

/**
 * Gets our messages into the room. Each is pending until the room echoes it; those in flight are
 * sent again after the connection broke.
 */
export class Delivery {
	readonly #options: DeliveryOptions;
	readonly #pending = new PendingMessages();
	/** Resolved when a message is no longer in flight, and then replaced. */
	#landed = Promise.withResolvers<void>();

	constructor(options: DeliveryOptions) {
		this.#options = options;
	}

	/** In the order in which they were first sent. */
	get pending(): readonly PendingMessage[] {
		return [...this.#pending];
	}

	/** Whether so much is pending that no other message should be sent. */
	get isFull(): boolean {
		return this.#pending.isFull;
	}

	send(message: Say | Tell): void {
		this.#options.membership.send(message);
		this.#pending.sent(message, this.#options.now());
	}

	/** Adds messages that an earlier visit could not deliver; they count as failed until resent. */
	restore(messages: readonly (Say | Tell)[]): void {
		for (const message of messages) {
			this.#pending.sent(message, this.#options.now());
			this.#pending.failed(message.id, "You lost your place in the room.");
		}
	}

	/** Sends the failed messages again, under the same ids. Returns how many there were. */
	resendFailures(): number {
		const failures = this.#pending.failures();
		for (const message of failures) this.send(message);
		return failures.length;
	}

	/** Drops the failed messages. Returns how many there were. */
	forgetFailures(): number {
		return this.#pending.forget();
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
				// These may have been lost. If not, the server recognizes their ids and says nothing twice.
				for (const lost of this.#pending.inFlight()) this.send(lost);
				return false;
			case "refused":
				return this.#refused(message);
			default:
				return false;
		}
	}

	/** Call regularly: fails messages that have waited too long for their echo. */
	checkOverdue(): void {
		// While the connection is broken, no echo can be late.
		if (!this.#options.membership.isOnline) return;
		for (const late of this.#pending.overdue(this.#options.now())) this.#failed(late, "no_echo");
	}

	/** Resolves when few enough messages are in flight to send one more. For senders of many. */
	waitForCapacity(): Promise<void> {
		return this.#waitUntilBelow(MAX_IN_FLIGHT);
	}

	/** Resolves when every message has been echoed or has failed. */
	waitUntilSettled(): Promise<void> {
		return this.#waitUntilBelow(1);
	}

	async #waitUntilBelow(count: number): Promise<void> {
		while (this.#pending.inFlight().length >= count) await this.#landed.promise;
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
		this.#land();
		return wasPending;
	}

	#failed(message: PendingMessage, code: string): void {
		this.#options.onFailure(message, code);
		this.#land();
	}

	#land(): void {
		this.#landed.resolve();
		this.#landed = Promise.withResolvers();
	}
}
