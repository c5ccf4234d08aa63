import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ChatError } from "../../util/errors.ts";
import { type ClientMessage, readClientMessage } from "../../wire/messages.ts";
import { ProtocolError, reason } from "../../wire/reason.ts";
import { Delivery } from "../chat/delivery.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import type { Incoming } from "../net/connection.ts";
import type { Membership, Status } from "../net/membership.ts";

/** What only a new connection may say. */
const LOGIN_TYPES = new Set(["login", "resume", "ask", "mail"]);

/** Milliseconds between two looks for echoes that are overdue. */
const OVERDUE_INTERVAL = 250;
/** What a bot gets as it came: with a type for each, none can be forgotten. */
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
	// They hold keys; what a bot may know of a welcome is printed at its start.
	welcome: false,
	resumed: false,
	// Answers to what only a new connection asks.
	accepts: false,
	mailed: false,
	// They end a visit, as `denied` and `closed` lines.
	denied: false,
	closing: false,
};
/** Messages whose author `reply` still knows. */
const MAX_AUTHORS = 1000;

/** Prints an object as a line. */
export type Print = (line: object) => void;

/** One bot's side of the room: requests in, events out. */
export class Bot {
	readonly #membership: Membership;
	readonly #print: Print;
	readonly #delivery: Delivery;
	/** Who sent what, for `reply`; a map keeps the order in which things came. */
	readonly #authors = new Map<string, string>();

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

	/** Anybody can choose an id that is somebody else's: the first to use it is who it means. */
	#remember({ id, from }: { id: string; from: string }): void {
		if (!this.#authors.has(id)) this.#authors.set(id, from);
		const [oldest] = this.#authors.keys();
		if (this.#authors.size > MAX_AUTHORS && oldest !== undefined) this.#authors.delete(oldest);
	}

	/** Says of each message whose echo is overdue that it failed, until disposed of. */
	watch(): Disposable {
		const timer = setInterval(() => this.#delivery.checkOverdue(), OVERDUE_INTERVAL);
		return { [Symbol.dispose]: () => clearInterval(timer) };
	}

	/** Does what each line asks, in order; the end of input leaves. */
	async readRequests(input: Readable): Promise<void> {
		for await (const line of createInterface({ input })) {
			// What is not echoed yet waits here and not in memory: a file may be piped in.
			await this.#delivery.waitForCapacity();
			try {
				this.#handle(JSON.parse(line));
			} catch (error) {
				// What a SyntaxError says of the line is not always fit for one line.
				const isKnown = error instanceof ChatError;
				const text = isKnown ? error.message : "a line must be a JSON object";
				this.#print({ type: "refused", ...reason("bad_input", text) });
			}
		}
		await this.#leave();
	}

	/** All that was said is said first, also when the connection has to come back for it. */
	async #leave(): Promise<void> {
		await this.#delivery.waitUntilSettled();
		this.#membership.leave();
	}

	/** Checked as the server would check it, so that a slip costs a line and not the connection. */
	#handle(request: unknown): void {
		const message = readClientMessage({ id: crypto.randomUUID(), ...this.#resolveReply(request) });
		if (LOGIN_TYPES.has(message.type))
			throw new ProtocolError(reason("bad_type", "you are logged in already"));
		if (message.type === "leave") return void this.#leave();
		if (message.type !== "say" && message.type !== "tell") return this.#sendNow(message);
		this.#delivery.send(message);
		this.#print({ ...message, type: "pending" });
	}

	/** What is no message is asked for now or not at all: later it may not be meant any more. */
	#sendNow(message: ClientMessage): void {
		if (this.#membership.isOnline) return this.#membership.send(message);
		this.#print({ type: "refused", ...reason("offline") });
	}

	/** A `reply` names a message; it is a `tell` to whoever sent that. */
	#resolveReply(request: unknown): object {
		const fields: Record<string, unknown> = Object(request);
		if (fields.type !== "reply") return fields;
		const to = this.#authors.get(String(fields.to));
		if (to === undefined)
			throw new ProtocolError(reason("bad_field", "reply: to is no message's id"));
		return { ...fields, type: "tell", to };
	}

	#failed({ message: { id }, failure }: PendingMessage, code: string): void {
		// The bot has it back now: whether it is said again is the bot's to decide.
		this.#delivery.forgetFailures();
		this.#print({ type: "failed", id, code, text: failure });
	}
}
