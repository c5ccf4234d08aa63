import type { Readable } from "node:stream";
import { systemClocks } from "../../util/clock.ts";
import { ChatError } from "../../util/errors.ts";
import { ExpiringMap } from "../../util/expiring-map.ts";
import { shortId } from "../../util/random-id.ts";
import { hasCode, ReasonedError, reason } from "../../wire/errors/reason.ts";
import { idField } from "../../wire/messages/fields.ts";
import {
	type ClientMessage,
	readClientMessage,
	type Welcome,
} from "../../wire/messages/messages.ts";
import { BadField, isObject } from "../../wire/messages/schema.ts";
import { Delivery } from "../chat/delivery.ts";
import type { PendingMessage } from "../chat/pending-messages.ts";
import { textsIn } from "../chat/request-texts.ts";
import { addressed, type Recipient, Visits } from "../chat/visits.ts";
import type { Incoming } from "../net/incoming.ts";
import type { Membership, Status } from "../net/membership.ts";
import { type InputLine, inputLines } from "../util/input-lines.ts";
import type { OwnSecret } from "../util/own-secret.ts";

/** Messages that the client sends by itself, and no bot through it. */
const CLIENT_TYPES = new Set(["login", "resume", "login_methods", "request_code", "ping"]);

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
	history: true,
	roster: true,
	banlist: true,
	device_list: true,
	signed_out: true,
	unconfirmed: true,
	refused: true,
	offline: true,
	online: true,
	rejoining: true,
	// They hold keys. `#printWelcome` prints what a bot may know of the welcome.
	welcome: false,
	resumed: false,
	// They answer what only a new connection asks.
	login_methods: false,
	code_sent: false,
	// It only shows that the server is there.
	pong: false,
	// They end the visit, and `runJsonUi` prints a `denied` or `closed` line.
	denied: false,
	closing: false,
};
/** Messages whose authors we remember for `reply`. */
const MAX_AUTHORS = 1000;

interface BotOptions {
	/** Undefined if it is not meant to be remembered. */
	readonly device: OwnDevice | undefined;
	readonly secret: Pick<OwnSecret, "isIn">;
}

/** Prints an object as one line of JSON. */
export type Print = (line: object) => void;

/** What this device remembers to log in with. */
interface OwnDevice {
	readonly isRemembered: () => boolean;
	readonly forget: () => void;
}

/** One bot's side of the room: requests in, events out. */
export class Bot implements Disposable {
	readonly #membership: Membership;
	readonly #print: Print;
	readonly #options: BotOptions;
	readonly #delivery: Delivery;
	readonly #visits: Visits;
	/** Authors by message id, for `reply`. A map keeps its order, so the oldest is first. */
	readonly #authors = new ExpiringMap<string, Recipient>(MAX_AUTHORS, Number.POSITIVE_INFINITY);
	readonly #overdueTimer: Timer;
	#hasEnded = false;

	constructor(membership: Membership, print: Print, options: BotOptions) {
		this.#membership = membership;
		this.#print = print;
		this.#options = options;
		this.#visits = new Visits(membership.welcome);
		this.#delivery = new Delivery({
			membership,
			now: systemClocks.now,
			onFailure: (message, code) => this.#failed(message, code),
		});
		this.#overdueTimer = setInterval(() => this.#delivery.checkOverdue(), OVERDUE_INTERVAL);
		this.#printWelcome(membership.welcome);
	}

	receive(message: Incoming | Status): void {
		this.#visits.receive(message);
		if (this.#delivery.receive(message)) return;
		if (message.type === "welcome") this.#printWelcome(message);
		if (message.type === "said" || message.type === "told") this.#remember(message);
		if (IS_FOR_BOTS[message.type]) this.#print(message);
	}

	#printWelcome({ name, members, away = [], owner, title, motd, history }: Welcome): void {
		const since = new Map(away);
		const shown = members.map(([member, visit]) => ({
			...{ name: member, visit, away: since.get(visit) },
		}));
		const remembered = this.#options.device?.isRemembered();
		const { server } = this.#membership;
		const room = { owner, title, motd, history };
		this.#print({ type: "welcome", name, members: shown, ...room, remembered, server });
	}

	/** Anyone can reuse the id of another's message, so an id stands for the first who used it. */
	#remember({ id, from }: { id: string; from: string }): void {
		const author = this.#visits.find(from);
		if (author && this.#authors.get(id, 0) === undefined) this.#authors.set(id, author, 0);
	}

	/** The visit has ended: what is said about it last is the last line, whatever comes in. */
	[Symbol.dispose](): void {
		clearInterval(this.#overdueTimer);
		this.#hasEnded = true;
	}

	/** Does what each line asks, in order, and leaves at the end of input. */
	async readRequests(input: Readable): Promise<void> {
		using lines = inputLines(input);
		for await (const line of lines) {
			// A piped file must not fill our memory: we read it no faster than the room echoes it.
			await this.#delivery.waitForCapacity();
			if (this.#hasEnded) return;
			this.#handle(line);
		}
		await this.#leave();
	}

	/** Leaves once every message is echoed or has failed, even if we must reconnect for that. */
	async #leave(): Promise<void> {
		await this.#delivery.waitUntilSettled();
		this.#membership.leave();
	}

	/** Checks as the server does, so that a mistake costs a line and not the connection. */
	#handle(line: InputLine): void {
		const given = "text" in line ? parseObject(line.text) : null;
		try {
			if ("fault" in line) throw new BadField(line.fault, undefined);
			if (given === null) throw new BadField("A line must be a JSON object.", undefined);
			const request = { id: shortId(), ...this.#resolveReply(given) };
			this.#request(readClientMessage(addressed(request, (name) => this.#visits.find(name))));
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#refuse(error, Object(given));
		}
	}

	#request(message: ClientMessage): void {
		if (CLIENT_TYPES.has(message.type)) {
			throw new BadField(`The client sends ${message.type} by itself.`, undefined);
		}
		if (textsIn(message).some((text) => this.#options.secret.isIn(text))) {
			throw new BadField("Not sent: that is what this client logs in with.", undefined);
		}
		if (message.type === "leave") return void this.#leave();
		if (message.type !== "say" && message.type !== "tell") return this.#sendNow(message);
		this.#delivery.send(message);
		this.#print({ ...message, type: "pending" });
	}

	/** Sends other requests now or not at all: the bot may no longer want them later. */
	#sendNow(message: ClientMessage): void {
		if (!this.#membership.isOnline) throw new ReasonedError(reason("offline"));
		this.#membership.send(message);
		// Whatever the server answers: the bot wants it gone.
		if (message.type === "sign_out") this.#options.device?.forget();
	}

	/** Says why a line was not carried out, with the id that the bot gave it. */
	#refuse({ code, message: text }: ChatError, { id }: { id?: unknown }): void {
		const isOurs = hasCode({ code }, "no_such_member") || hasCode({ code }, "offline");
		const refused = { type: "refused", ...(isOurs ? { code, text } : reason("bad_input", text)) };
		this.#print(idField.is(id) ? { ...refused, id } : refused);
	}

	/** Turns a `reply` to a message's id into a `tell` to its author. */
	#resolveReply(request: object): object {
		const fields: Record<string, unknown> = { ...request };
		if (fields.type !== "reply") return fields;
		const author = this.#authors.get(String(fields.to), 0);
		if (author === undefined)
			throw new BadField("reply: `to` is not the id of a known message.", fields.id);
		return { ...fields, type: "tell", to: author.name, visit: author.visit };
	}

	#failed({ message: { id }, failure }: PendingMessage, code: string): void {
		// Drop it: the bot knows now, and decides whether to send it again.
		this.#delivery.forgetFailures();
		this.#print({ type: "failed", id, code, text: failure });
	}
}

/** Null for anything but a JSON object. */
function parseObject(line: string): object | null {
	try {
		const value: unknown = JSON.parse(line);
		return isObject(value) ? value : null;
	} catch {
		return null;
	}
}
