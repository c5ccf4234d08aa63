import { confusableKey } from "../../util/confusables.ts";
import {
	nameField,
	type OwnerMessage,
	readClientMessage,
	type Say,
	type Tell,
	textField,
} from "../../wire/messages.ts";
import { reason } from "../../wire/reason.ts";
import { BadField } from "../../wire/schema.ts";
import type { Actions, Bell, Clock } from "../commands/command.ts";
import type { Membership } from "../net/membership.ts";
import type { Conversation } from "./conversation.ts";
import type { Delivery } from "./delivery.ts";
import type { LineFormatter } from "./line-formatter.ts";
import type { Transcript } from "./transcript.ts";

interface RoomActionsOptions {
	readonly conversation: Conversation;
	readonly membership: Pick<Membership, "isOnline" | "send">;
	readonly formatter: LineFormatter;
	/** What `save` writes. */
	readonly transcript: Transcript;
	readonly leave: () => void;
}

/** What commands do: they send messages, or change how the conversation is shown. */
export class RoomActions implements Actions {
	readonly #conversation: Conversation;
	readonly #delivery: Delivery;
	readonly #membership: Pick<Membership, "isOnline" | "send">;
	readonly #formatter: LineFormatter;
	readonly #transcript: Transcript;
	readonly #leave: () => void;

	constructor(options: RoomActionsOptions) {
		this.#conversation = options.conversation;
		this.#delivery = options.conversation.delivery;
		this.#membership = options.membership;
		this.#formatter = options.formatter;
		this.#transcript = options.transcript;
		this.#leave = options.leave;
	}

	get replyTo(): string | null {
		return this.#conversation.replyTo;
	}

	get isOwner(): boolean {
		return this.#conversation.isOwner;
	}

	who(): void {
		this.#membership.send({ type: "who" });
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
		if (this.#delivery.resendFailures() === 0) this.note("everything was sent");
	}

	forget(): void {
		this.#delivery.forgetFailures();
	}

	ignore(name: string): void {
		const { ignored, name: ownName } = this.#conversation;
		if (name === "") return this.note(`ignored: ${ignored.names.join(", ") || "nobody"}`);
		if (confusableKey(name) === confusableKey(ownName)) {
			return this.problem("you cannot ignore yourself");
		}
		const isIgnored = ignored.toggle(name);
		this.note(isIgnored ? `${name} is ignored; /ignore ${name} ends it` : `${name} is heard again`);
	}

	setBell(bell: Bell): void {
		this.#conversation.bell = bell;
	}

	setClock(clock: Clock): void {
		this.#formatter.clock = clock;
	}

	save(file: string): void {
		const transcript = this.#transcript;
		transcript.save(file).then(
			() => this.note(`saved ${transcript.size} lines in ${file}`),
			(error) => this.problem(`not saved: ${error.message}`),
		);
	}

	requestAsOwner(message: OwnerMessage): void {
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		try {
			// We check as the server does, which ends the connection over a line that is too long.
			readClientMessage(message);
		} catch (error) {
			if (!(error instanceof BadField)) throw error;
			return this.problem(`not done: ${error.message}`);
		}
		this.#membership.send(message);
	}

	leave(): void {
		this.#leave();
	}

	note(text: string): void {
		this.#conversation.note(text);
	}

	problem(text: string): void {
		this.#conversation.problem(text);
	}

	#send(message: Say | Tell): void {
		if (!textField.is(message.text)) {
			return this.problem(`not sent: a message must be ${textField.expected}`);
		}
		if (this.#delivery.isFull) return this.problem("not sent: too much is still on its way");
		this.#delivery.send(message);
	}
}
