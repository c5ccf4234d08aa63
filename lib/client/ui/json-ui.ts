import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ChatError, ProtocolError } from "../../util/errors.ts";
import { type ClientMessage, readClientMessage } from "../../wire/messages.ts";
import { Delivery } from "../chat/delivery.ts";
import { type ExitStatus, exitStatusOf } from "../chat/exit-status.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import type { Incoming } from "../net/connection.ts";
import type { ServerTarget } from "../net/endpoint.ts";
import { type Credentials, join, LoginDenied } from "../net/join.ts";
import type { Membership, Status } from "../net/membership.ts";
import { aborted, onAbort } from "../util/abort.ts";
import { drained } from "../util/drain.ts";

/** What only a new connection may say. */
const FIRST = new Set(["login", "resume", "ask", "mail"]);

type Print = (line: object) => void;

/** Milliseconds between two looks for echoes that are overdue. */
const TICK = 250;
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

/** The room for bots and scripts: one JSON object a line, in and out, and no prompt. */
export async function runJsonUi(
	target: ServerTarget,
	credentials: Credentials,
	{ input, output, signal }: { input: Readable; output: Writable; signal: AbortSignal },
): Promise<ExitStatus> {
	const print: Print = (line) => void output.write(`${inAscii(JSON.stringify(line))}\n`);
	const end = (reason: string, outcome: ExitStatus): ExitStatus => {
		print({ type: "closed", reason, text: outcome.text });
		return outcome;
	};
	try {
		const membership = await Promise.race([join(target, credentials), aborted(signal)]);
		if (membership === null) return end("left", { code: 0, text: "you did not log in" });
		const { name, members, owner, title, motd } = membership.welcome;
		print({ type: "welcome", name, members, owner, title, motd });
		const bot = new Bot(membership, print);
		void bot.obey(input);
		onAbort(signal, () => membership.leave());
		using _ = bot.watch();
		for await (const message of membership) {
			if (message.type === "closing") {
				return end(message.code, exitStatusOf(message.code, message.text));
			}
			bot.receive(message);
			await drained(output);
		}
		return end("left", { code: 0, text: "you have left" });
	} catch (error) {
		if (error instanceof LoginDenied) {
			print({ type: "denied", code: error.code, text: error.message });
			return { code: 2, text: error.message };
		}
		if (!(error instanceof ChatError)) throw error;
		return end(error.code, exitStatusOf(error.code, error.message));
	}
}

/** One bot's side of the room. */
class Bot {
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
		const timer = setInterval(() => this.#delivery.checkOverdue(), TICK);
		return { [Symbol.dispose]: () => clearInterval(timer) };
	}

	/** Does what each line asks, in order; the end of input leaves. */
	async obey(input: Readable): Promise<void> {
		for await (const line of createInterface({ input })) {
			// What is not echoed yet waits here and not in memory: a file may be piped in.
			await this.#delivery.waitForCapacity();
			try {
				this.#do(JSON.parse(line));
			} catch (error) {
				// What a SyntaxError says of the line is not always fit for one line.
				const isKnown = error instanceof ChatError;
				const text = isKnown ? error.message : "a line must be a JSON object";
				this.#print({ type: "refused", code: "bad_input", text });
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
	#do(request: unknown): void {
		const message = readClientMessage({ id: crypto.randomUUID(), ...this.#readReply(request) });
		if (FIRST.has(message.type)) throw new ProtocolError("bad_type", "you are logged in already");
		if (message.type === "leave") return void this.#leave();
		if (message.type !== "say" && message.type !== "tell") return this.#ask(message);
		this.#delivery.send(message);
		this.#print({ ...message, type: "pending" });
	}

	/** What is no message is asked for now or not at all: later it may not be meant any more. */
	#ask(message: ClientMessage): void {
		if (this.#membership.isOnline) return this.#membership.send(message);
		const text = "not done: the connection is broken";
		this.#print({ type: "refused", code: "offline", text });
	}

	/** A `reply` names a message; it is a `tell` to whoever sent that. */
	#readReply(request: unknown): object {
		const fields: Record<string, unknown> = Object(request);
		if (fields.type !== "reply") return fields;
		const to = this.#authors.get(String(fields.to));
		if (to === undefined) throw new ProtocolError("bad_field", "reply: to is no message's id");
		return { ...fields, type: "tell", to };
	}

	#failed({ message: { id }, failure }: PendingMessage, code: string): void {
		// The bot has it back now: whether it is said again is the bot's to decide.
		this.#delivery.forgetFailures();
		this.#print({ type: "failed", id, code, text: failure });
	}
}

/** Escapes what a terminal could take for a command, or the eye could not see: it stays the same JSON. */
const inAscii = (json: string): string =>
	json.replaceAll(
		/[^\x20-\x7e]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
