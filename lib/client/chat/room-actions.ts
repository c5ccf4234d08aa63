import { confusableKey } from "../../util/confusables.ts";
import { errorMessage, systemErrorCode } from "../../util/errors.ts";
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
import { count } from "../util/count.ts";
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
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		this.#membership.send({ type: "who" });
	}

	say(text: string, me: boolean): void {
		const message: Say = { type: "say", id: crypto.randomUUID(), text };
		this.#send(me ? { ...message, me } : message);
	}

	tell(to: string, text: string): void {
		if (!nameField.is(to)) return this.problem(`Not sent: a name is ${nameField.expected}.`);
		this.#send({ type: "tell", id: crypto.randomUUID(), to, text });
	}

	resend(): void {
		if (this.#delivery.resendFailures() === 0) this.note("There is nothing to send again.");
	}

	forget(): void {
		const forgotten = this.#delivery.forgetFailures();
		this.note(
			forgotten === 0
				? "There is nothing to forget."
				: `Forgot ${count(forgotten, "unsent message")}.`,
		);
	}

	ignore(name: string): void {
		const { ignored, name: ownName } = this.#conversation;
		const { names } = ignored;
		if (name === "") {
			return this.note(
				names.length === 0 ? "You ignore nobody." : `You ignore: ${names.join(", ")}`,
			);
		}
		if (confusableKey(name) === confusableKey(ownName)) {
			return this.problem("You cannot ignore yourself.");
		}
		const isIgnored = ignored.toggle(name);
		this.note(
			isIgnored
				? `You ignore ${name} now. To undo it: /ignore ${name}`
				: `You no longer ignore ${name}.`,
		);
	}

	setBell(bell: Bell): void {
		this.#conversation.bell = bell;
	}

	setClock(clock: Clock): void {
		this.#formatter.clock = clock;
	}

	save(file: string): void {
		this.#transcript.save(file).then(
			(lines) => this.note(`Saved ${count(lines, "line")} in ${file}.`),
			(error) => this.problem(`Not saved: ${saveFault(file, error)}`),
		);
	}

	requestAsOwner(message: OwnerMessage): void {
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		try {
			// We check as the server does, which ends the connection over a line that is too long.
			readClientMessage(message);
		} catch (error) {
			if (!(error instanceof BadField)) throw error;
			return this.problem(`Not done: ${error.message}`);
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
			return this.problem(`Not sent: a message must be ${textField.expected}.`);
		}
		if (this.#delivery.isFull) {
			const advice = "Use /again or /forget, or wait.";
			return this.problem(`Not sent: too many messages are still waiting. ${advice}`);
		}
		this.#delivery.send(message);
	}
}

const saveFault = (file: string, error: unknown): string =>
	systemErrorCode(error) === "EEXIST"
		? `"${file}" already exists. Choose another name.`
		: `${errorMessage(error)}.`;
