import { confusableKey } from "../../util/confusables.ts";
import { ChatError, systemErrorCode, systemReason } from "../../util/errors.ts";
import { expandHome } from "../../util/home-path.ts";
import { shortId } from "../../util/random-id.ts";
import { reason } from "../../wire/errors/reason.ts";
import { nameField, textField } from "../../wire/messages/fields.ts";
import {
	type ClientMessage,
	readClientMessage,
	type Say,
	type Tell,
} from "../../wire/messages/messages.ts";
import type { Actions, Bell, Clock, OwnerRequest } from "../commands/command.ts";
import type { Membership } from "../net/membership.ts";
import type { LineFormatter } from "../transcript/line-formatter.ts";
import type { Transcript } from "../transcript/transcript.ts";
import { count } from "../util/count.ts";
import { AbsenceNotes } from "./absence-notes.ts";
import type { Conversation } from "./conversation.ts";
import type { Delivery } from "./delivery.ts";
import { addressed, type Recipient } from "./visits.ts";

interface RoomActionsOptions {
	readonly conversation: Conversation;
	readonly membership: Pick<Membership, "isOnline" | "send">;
	readonly formatter: LineFormatter;
	/** What `save` writes. */
	readonly transcript: Transcript;
	readonly leave: () => void;
	/** Deletes what this device remembers to log in with. */
	readonly forgetDevice: () => void;
}

/** What commands do: they send messages, or change how the conversation is shown. */
export class RoomActions implements Actions {
	readonly #conversation: Conversation;
	readonly #delivery: Delivery;
	readonly #membership: Pick<Membership, "isOnline" | "send">;
	readonly #formatter: LineFormatter;
	readonly #transcript: Transcript;
	readonly #leave: () => void;
	readonly #forgetDevice: () => void;
	readonly #absences: AbsenceNotes;

	constructor(options: RoomActionsOptions) {
		this.#conversation = options.conversation;
		this.#delivery = options.conversation.delivery;
		this.#absences = new AbsenceNotes(options.conversation);
		this.#membership = options.membership;
		this.#formatter = options.formatter;
		this.#transcript = options.transcript;
		this.#leave = options.leave;
		this.#forgetDevice = options.forgetDevice;
	}

	get isOwner(): boolean {
		return this.#conversation.isOwner;
	}

	who(): void {
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		this.#conversation.requestRoster();
	}

	say(text: string, me: boolean): void {
		const message: Say = { type: "say", id: shortId(), text };
		this.#send(me ? { ...message, me } : message);
	}

	tell(to: string, text: string): void {
		if (!nameField.is(to)) return this.problem(`Not sent: a name is ${nameField.expected}.`);
		const recipient = this.#conversation.recipient(to);
		if (!recipient) return this.problem(`Not sent: ${reason("no_such_member", to).text}`);
		this.#tell(recipient, text);
	}

	reply(text: string): void {
		const { replyTo } = this.#conversation;
		if (!replyTo) return this.problem("Nobody has sent you a private message yet.");
		this.#tell(replyTo, text);
	}

	more(): void {
		this.#conversation.more();
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
		const { ignored, visits, name: ownName } = this.#conversation;
		const { names } = ignored;
		if (name === "") {
			return this.note(
				names.length === 0 ? "You ignore nobody." : `You ignore: ${names.join(", ")}`,
			);
		}
		if (confusableKey(name) === confusableKey(ownName)) {
			return this.problem("You cannot ignore yourself.");
		}
		const member = this.#conversation.recipient(name) ?? visits.findLookalike(name);
		if (!member || !visits.has(member)) {
			const isTaken = member !== undefined && visits.find(name) !== undefined;
			return this.problem(reason("no_such_member", name, isTaken).text);
		}
		const isIgnored = ignored.toggle(member);
		this.note(
			isIgnored
				? `You ignore ${name} now. That ends when they leave, or with: /ignore ${name}`
				: `You no longer ignore ${name}.`,
		);
	}

	setBell(bell: Bell): void {
		this.#conversation.bell = bell;
	}

	setClock(clock: Clock): void {
		this.#formatter.clock = clock;
	}

	save(typed: string): void {
		const file = expandHome(typed);
		try {
			const lines = this.#transcript.save(file);
			this.note(`Saved ${count(lines, "line")} in ${file}.`);
		} catch (error) {
			this.problem(`Not saved: ${saveFault(file, error)}`);
		}
	}

	devices(): void {
		this.#request({ type: "devices" });
	}

	signOut(all: boolean): void {
		this.#request(all ? { type: "sign_out", all } : { type: "sign_out" });
		// Whatever the server answers: the user wants it gone.
		if (this.#membership.isOnline) this.#forgetDevice();
	}

	#request(message: ClientMessage): void {
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		this.#membership.send(message);
	}

	requestAsOwner(request: OwnerRequest): void {
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		try {
			// We check as the server does, which ends the connection over a line that is too long.
			this.#membership.send(
				readClientMessage(addressed(request, (name) => this.#conversation.recipient(name))),
			);
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.problem(`Not done: ${error.message}`);
		}
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

	#tell({ name, visit }: Recipient, text: string): void {
		this.#send({ type: "tell", id: shortId(), to: name, visit, text });
		if (textField.is(text)) this.#absences.sending({ name, visit });
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
		: `"${file}" cannot be written (${systemReason(error)}).`;
