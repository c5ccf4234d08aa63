import type { Say, Tell } from "../../wire/messages.ts";
import { hasCode } from "../../wire/reason.ts";
import type { Incoming } from "../net/connection.ts";
import type { Membership, Status } from "../net/membership.ts";
import { type PendingMessage, PendingMessages } from "./pending-messages.ts";

/** Messages in flight at once: more would wait longer at the server than an echo may take. */
const MAX_IN_FLIGHT = 64;

export interface DeliveryOptions {
	readonly membership: Pick<Membership, "isOnline" | "send" | "welcome">;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** A message was not said; `code` is the server's, or `no_echo`. */
	readonly onFailure: (message: PendingMessage, code: string) => void;
}

/** Gets what we say into the room: until it is echoed it is pending, and after a break sent again. */
export class Delivery {
	readonly #options: DeliveryOptions;
	readonly #pending = new PendingMessages();
	/** Something has left flight; replaced each time. */
	#landed = Promise.withResolvers<void>();

	constructor(options: DeliveryOptions) {
		this.#options = options;
	}

	/** In the order they were first said. */
	get pending(): readonly PendingMessage[] {
		return [...this.#pending];
	}

	/** There is an end to what is kept. */
	get isFull(): boolean {
		return this.#pending.isFull;
	}

	send(message: Say | Tell): void {
		this.#options.membership.send(message);
		this.#pending.sent(message, this.#options.now());
	}

	/** Takes on what an earlier visit could not say: it counts as failed until it is resent. */
	restore(messages: readonly (Say | Tell)[]): void {
		for (const message of messages) {
			this.#pending.sent(message, this.#options.now());
			this.#pending.failed(message.id, "the server was gone");
		}
	}

	/** Sends what failed once more, under the same ids; returns how many messages that were. */
	resendFailures(): number {
		const failures = this.#pending.failures();
		for (const message of failures) this.send(message);
		return failures.length;
	}

	forgetFailures(): void {
		this.#pending.forget();
	}

	/** Learns what became of our messages. True if that is all that `message` has to say. */
	receive(message: Incoming | Status): boolean {
		switch (message.type) {
			case "said":
			case "told":
				// An id counts as ours only from us: anybody else may choose the same.
				if (message.from === this.#options.membership.welcome.name) this.#echoed(message.id);
				return false;
			case "online":
				// What may have got lost with the connection; the server says nothing twice.
				for (const lost of this.#pending.inFlight()) this.send(lost);
				return false;
			case "refused":
				return this.#refused(message);
			default:
				return false;
		}
	}

	/** Call now and then: fails what waits too long for its echo. */
	checkOverdue(): void {
		// While the connection is broken, no echo can be late.
		if (!this.#options.membership.isOnline) return;
		for (const late of this.#pending.overdue(this.#options.now())) this.#failed(late, "no_echo");
	}

	/** Resolves when one more may be sent by whoever sends many. */
	waitForCapacity(): Promise<void> {
		return this.#waitUntilBelow(MAX_IN_FLIGHT);
	}

	/** Resolves when each message was echoed or has failed. */
	waitUntilSettled(): Promise<void> {
		return this.#waitUntilBelow(1);
	}

	async #waitUntilBelow(count: number): Promise<void> {
		while (this.#pending.inFlight().length >= count) await this.#landed.promise;
	}

	/** True unless it is news: something else is refused, or the echo it stands for got lost. */
	#refused(refusal: Extract<Incoming, { type: "refused" }>): boolean {
		const { code, id = "", text } = refusal;
		// As good as the echo, which the server no longer has.
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
