import { writeFile } from "node:fs/promises";
import { confusableKey } from "../../util/confusables.ts";
import {
	nameField,
	type OwnerMessage,
	readClientMessage,
	type Say,
	type Tell,
	type Told,
	textField,
} from "../../wire/messages.ts";
import { BadField } from "../../wire/schema.ts";
import type { Incoming } from "../net/connection.ts";
import type { Membership, Status } from "../net/membership.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import type { Actions, Bell, Clock } from "./command.ts";
import { Delivery } from "./delivery.ts";
import type { LineFormatter } from "./line-formatter.ts";
import { isOwnerEvent, type OwnerEvent } from "./owner-events.ts";
import type { Transcript } from "./transcript.ts";
import type { Ui } from "./ui.ts";

type Said = Extract<Incoming, { type: "said" }>;
type Moved = Extract<Incoming, { type: "joined" | "left" }>;
type Roster = Extract<Incoming, { type: "roster" }>;

/** Milliseconds in which people who come, or go, make one line. */
const FOLD = 200;
/** Others who are named at the beginning; more are counted. */
const GREETED = 10;

export interface ConversationOptions {
	readonly membership: Pick<Membership, "isOnline" | "send" | "welcome">;
	/** Said in an earlier visit and never echoed: offered once more. */
	readonly unsent: readonly (Say | Tell)[];
	readonly formatter: LineFormatter;
	/** What `/save` writes. */
	readonly transcript: Transcript;
	readonly bell: Bell;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Asked for each time, because the screen is opened on the conversation. */
	readonly ui: () => Ui;
	/** The person wants to go. */
	readonly leave: () => void;
}

/** The room as one member has it: what is heard becomes lines, what is asked becomes messages. */
export class Conversation implements Actions {
	/** What becomes of what we say. */
	readonly delivery: Delivery;
	/** Our own name in the room. */
	readonly name: string;
	/** As the server has told us. */
	readonly isOwner: boolean;
	/** Who is here, for completion. */
	readonly members: Set<string>;
	/** Whom the answer that is being typed is for: who writes in between must not get it. */
	replyingTo: string | null = null;
	#lastSender: string | null = null;
	readonly #options: ConversationOptions;
	/** By what the name looks like, as it was typed. */
	readonly #ignored = new Map<string, string>();
	#bell: Bell;
	/** People who came or went just now and are not on the screen yet. */
	#moves: { type: Moved["type"]; at: number; names: string[]; since: number } | undefined;

	constructor(options: ConversationOptions) {
		this.#options = options;
		this.name = options.membership.welcome.name;
		this.isOwner = options.membership.welcome.owner ?? false;
		this.#bell = options.bell;
		this.members = new Set(options.membership.welcome.members);
		this.delivery = new Delivery({
			...options,
			onFailure: (message) => options.ui().failed(message),
		});
		this.delivery.restore(options.unsent);
	}

	get replyTo(): string | null {
		return this.replyingTo ?? this.#lastSender;
	}

	receive(message: Incoming | Status): void {
		if (this.delivery.receive(message)) return;
		if (isOwnerEvent(message)) return this.#ownerEvent(message);
		switch (message.type) {
			case "offline":
				return this.problem(`${message.text}; trying to come back`);
			case "online":
				return this.#online(message.lost);
			case "away":
			case "back":
				return this.#print(this.#options.formatter.presence(message));
			case "said":
				return this.#said(message);
			case "told":
				return this.#told(message);
			case "joined":
			case "left":
				return this.#moved(message);
			case "roster":
				return this.#roster(message);
			case "banlist":
				return this.note([`${message.addresses.length} banned:`, ...message.addresses].join("\n"));
			case "refused":
				// The room has had the message already: no problem of anybody's.
				if (message.code !== "already_said") this.problem(message.text);
		}
	}

	#online(lost: number): void {
		const gap = lost === 0 ? "nothing was missed" : `${lost} messages are lost for good`;
		this.note(`connected again; ${gap}`);
	}

	/** Call now and then: time alone makes an echo late, or a moment past. */
	tick(): void {
		const now = this.#options.now();
		if (this.#moves && now - this.#moves.since >= FOLD) this.#showMoves();
		if (this.delivery.pending.length === 0) return;
		this.delivery.checkOverdue();
		this.#options.ui().changed();
	}

	greet(): void {
		const { name, members, title, motd } = this.#options.membership.welcome;
		const { formatter } = this.#options;
		for (const text of [title, motd]) if (text) this.#print(formatter.notice(text));
		const others = members.filter((member) => member !== name);
		const who =
			others.length > GREETED ? `${others.length} others` : others.map(sanitizeLine).join(", ");
		this.note(
			`You are ${sanitizeLine(name)}. Here: ${who || "nobody else yet"}. /help lists the commands`,
		);
		for (const entry of this.delivery.pending) this.#options.ui().failed(entry);
	}

	/** The end: shows what is still to be shown, and what was typed but never said. */
	end(): void {
		this.#showMoves();
		for (const { message } of this.delivery.pending) this.problem(`not sent: ${message.text}`);
	}

	who(): void {
		this.#options.membership.send({ type: "who" });
	}

	say(text: string, me: boolean): void {
		const message: Say = { type: "say", id: crypto.randomUUID(), text };
		this.#send(me ? { ...message, me } : message);
	}

	tell(to: string, text: string): void {
		if (!nameField.is(to)) return this.problem(`not sent: a name is ${nameField.expected}`);
		this.#send({ type: "tell", id: crypto.randomUUID(), to, text });
	}

	resend(): void {
		if (this.delivery.resendFailures() === 0) this.note("everything was sent");
	}

	forget(): void {
		this.delivery.forgetFailures();
	}

	ignore(name: string): void {
		if (name === "")
			return this.note(`ignored: ${[...this.#ignored.values()].join(", ") || "nobody"}`);
		const known = confusableKey(name);
		if (known === confusableKey(this.name)) return this.problem("you cannot ignore yourself");
		const isNew = !this.#ignored.delete(known);
		if (isNew) this.#ignored.set(known, name);
		this.note(isNew ? `${name} is ignored; /ignore ${name} ends it` : `${name} is heard again`);
	}

	setBell(bell: Bell): void {
		this.#bell = bell;
	}

	setClock(clock: Clock): void {
		this.#options.formatter.clock = clock;
	}

	save(file: string): void {
		const { transcript } = this.#options;
		// Never over a file that is there; what was said is nobody else's to read.
		writeFile(file, transcript.text, { flag: "wx", mode: 0o600 }).then(
			() => this.note(`saved ${transcript.size} lines in ${file}`),
			(error) => this.problem(`not saved: ${error.message}`),
		);
	}

	requestAsOwner(message: OwnerMessage): void {
		const { membership } = this.#options;
		if (!membership.isOnline) return this.problem("not done: the connection is broken");
		try {
			// As the server checks it: a line too long for it would cost the connection.
			readClientMessage(message);
		} catch (error) {
			if (!(error instanceof BadField)) throw error;
			return this.problem(`not done: ${error.message}`);
		}
		membership.send(message);
	}

	leave(): void {
		this.#options.leave();
	}

	note(text: string): void {
		this.#print(this.#options.formatter.note(text));
	}

	problem(text: string): void {
		this.#print(this.#options.formatter.problem(text));
	}

	#send(message: Say | Tell): void {
		if (!textField.is(message.text)) {
			return this.problem(`not sent: a message must be ${textField.expected}`);
		}
		if (this.delivery.isFull) return this.problem("not sent: too much is still on its way");
		this.delivery.send(message);
	}

	#said(message: Said): void {
		if (this.#ignored.has(confusableKey(message.from))) return;
		const { formatter } = this.#options;
		this.#print(formatter.said(message));
		if (message.from !== this.name) this.#ring(formatter.isMention(message));
	}

	#told(message: Told): void {
		const { formatter } = this.#options;
		if (this.#ignored.has(confusableKey(message.from))) return;
		this.#print(formatter.told(message));
		if (message.from === this.name) return;
		this.#lastSender = message.from;
		this.#ring(true);
	}

	#ownerEvent(event: OwnerEvent): void {
		this.#print(this.#options.formatter.ownerEvent(event));
		if (event.type === "announced" && event.by !== this.name) this.#ring(true);
	}

	#ring(isForUs: boolean): void {
		if (this.#bell === "all" || (this.#bell === "mention" && isForUs)) this.#options.ui().ring();
	}

	#moved({ type, name, at }: Moved): void {
		if (type === "joined") this.members.add(name);
		else this.members.delete(name);
		if (this.#moves?.type !== type) this.#showMoves();
		this.#moves ??= { type, at, names: [], since: this.#options.now() };
		this.#moves.names.push(name);
	}

	#showMoves(): void {
		const moves = this.#moves;
		this.#moves = undefined;
		if (moves) this.#print(this.#options.formatter.moved(moves.type, moves.names, moves.at));
	}

	#roster({ members }: Roster): void {
		this.members.clear();
		const now = this.#options.now();
		const lines = members.map(({ name, since, address }) => {
			this.members.add(name);
			return `${sanitizeLine(name)}  ${sanitizeLine(address ?? "")}  here for ${span(now - since)}`;
		});
		this.note([`${members.length} here:`, ...lines].join("\n"));
	}

	#print(line: string): void {
		// In the room's order: who came before this comes first.
		this.#showMoves();
		this.#options.transcript.add(line);
		this.#options.ui().print(line);
	}
}

/** Milliseconds as a person says them. */
function span(milliseconds: number): string {
	const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
	if (minutes < 60) return `${minutes} min`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
