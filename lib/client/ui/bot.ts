import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ChatError } from "../../util/errors.ts";
import { ExpiringMap } from "../../util/expiring-map.ts";
import { type ClientMessage, readClientMessage } from "../../wire/messages.ts";
import { ProtocolError, reason } from "../../wire/reason.ts";
import { Delivery } from "../chat/delivery.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import type { Incoming } from "../net/connection.ts";
import type { Membership, Status } from "../net/membership.ts";

/** Messages that only a new connection may send. */
const LOGIN_TYPES = new Set(["login", "resume", "ask", "mail"]);

/** Milliseconds between two checks for overdue echoes. */
const OVERDUE_INTERVAL = 250;
/** Whether a bot gets messages of this type, unchanged. The compiler reports a type left out. */
const IS_FOR_BOTS: Record<(Incoming | Status)["type"], boolean> = {
	said: true,
	told: true,
	joined: true,
	left: true,
	away: true,
	back: true,
	kicked: true,
	banned: true,
	unbanned: true,
	muted: true,
	unmuted: true,
	announced: true,
	titled: true,
	roster: true,
	banlist: true,
	refused: true,
	offline: true,
	online: true,
	// They hold keys. `runJsonUi` prints what a bot may know of the welcome.
	welcome: false,
	resumed: false,
	// They answer what only a new connection asks.
	accepts: false,
	mailed: false,
	// They end the visit, and `runJsonUi` prints a `denied` or `closed` line.
	denied: false,
	closing: false,
};
/** Messages whose authors we remember for `reply`. */
const MAX_AUTHORS = 1000;

/** Prints an object as one line of JSON. */
export type Print = (line: object) => void;

/** One bot's side of the room: requests in, events out. */
export class Bot {
	readonly #membership: Membership;
	readonly #print: Print;
	readonly #delivery: Delivery;
	/** Names of authors by message id, for `reply`. A map keeps its order, so the oldest is first. */
	readonly #authors = new ExpiringMap<string, string>(MAX_AUTHORS, Number.POSITIVE_INFINITY);

	constructor(membership: Membership, print: Print) {
		this.#membership = membership;
		this.#print = print;
		this.#delivery = new Delivery({
			membership,
			now: Date.now,
			onFailure: (message, code) => this.#failed(message, code),
		});
	}

	receive(message: Incoming | Status): void {
		if (this.#delivery.receive(message)) return;
		if (message.type === "said" || message.type === "told") this.#remember(message);
		if (IS_FOR_BOTS[message.type]) this.#print(message);
	}

	/** Anyone can reuse the id of another's message, so an id stands for the first who used it. */
	#remember({ id, from }: { id: string; from: string }): void {
		if (this.#authors.get(id, 0) === undefined) this.#authors.set(id, from, 0);
	}

	/** Reports messages whose echo is overdue as failed, until the result is disposed of. */
	watch(): Disposable {
		const timer = setInterval(() => this.#delivery.checkOverdue(), OVERDUE_INTERVAL);
		return { [Symbol.dispose]: () => clearInterval(timer) };
	}

	/** Does what each line asks, in order, and leaves at the end of input. */
	async readRequests(input: Readable): Promise<void> {
		for await (const line of createInterface({ input })) {
			// A piped file must not fill our memory: we read it no faster than the room echoes it.
			await this.#delivery.waitForCapacity();
			try {
				this.#handle(JSON.parse(line));
			} catch (error) {
				// The text of a SyntaxError does not always fit on one line.
				const isKnown = error instanceof ChatError;
				const text = isKnown ? error.message : "A line must be a JSON object.";
				this.#print({ type: "refused", ...reason("bad_input", text) });
			}
		}
		await this.#leave();
	}

	/** Leaves once every message is echoed or has failed, even if we must reconnect for that. */
	async #leave(): Promise<void> {
		await this.#delivery.waitUntilSettled();
		this.#membership.leave();
	}

	/** Checks as the server does, so that a mistake costs a line and not the connection. */
	#handle(request: unknown): void {
		const message = readClientMessage({ id: crypto.randomUUID(), ...this.#resolveReply(request) });
		if (LOGIN_TYPES.has(message.type))
			throw new ProtocolError(reason("bad_type", "You are already logged in."));
		if (message.type === "leave") return void this.#leave();
		if (message.type !== "say" && message.type !== "tell") return this.#sendNow(message);
		this.#delivery.send(message);
		this.#print({ ...message, type: "pending" });
	}

	/** Sends other requests now or not at all: the bot may no longer want them later. */
	#sendNow(message: ClientMessage): void {
		if (this.#membership.isOnline) return this.#membership.send(message);
		this.#print({ type: "refused", ...reason("offline") });
	}

	/** Turns a `reply` to a message's id into a `tell` to its author. */
	#resolveReply(request: unknown): object {
		const fields: Record<string, unknown> = Object(request);
		if (fields.type !== "reply") return fields;
		const to = this.#authors.get(String(fields.to), 0);
		if (to === undefined)
			throw new ProtocolError(reason("bad_field", "reply: `to` is not the id of a known message."));
		return { ...fields, type: "tell", to };
	}

	#failed({ message: { id }, failure }: PendingMessage, code: string): void {
		// Drop it: the bot knows now, and decides whether to send it again.
		this.#delivery.forgetFailures();
		this.#print({ type: "failed", id, code, text: failure });
	}
}
