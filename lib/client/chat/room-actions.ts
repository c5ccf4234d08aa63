import { ChatError } from "../../util/errors.ts";
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
import { runLine } from "../commands/run-line.ts";
import type { Membership } from "../net/membership.ts";
import { count } from "../util/count.ts";
import { mayHoldAppPassword, type OwnSecret } from "../util/own-secret.ts";
import { AbsenceNotes } from "./absence-notes.ts";
import type { Conversation } from "./conversation.ts";
import type { Delivery } from "./delivery.ts";
import { ownerQuestion, subjectOf } from "./owner-questions.ts";
import type { Preferences } from "./preferences.ts";
import type { Printer } from "./printer.ts";
import { textsIn } from "./request-texts.ts";
import { addressed, type Recipient } from "./visits.ts";

interface RoomActionsOptions {
	readonly conversation: Conversation;
	readonly membership: Pick<Membership, "isOnline" | "send">;
	readonly printer: Pick<Printer, "clock" | "save">;
	readonly secret: Pick<OwnSecret, "isIn">;
	readonly preferences: Preferences;
	readonly leave: () => void;
	/** Deletes what this device remembers to log in with. */
	readonly forgetDevice: () => void;
}

const IS_SECRET = "Not sent: that is what you log in with.";

/** What commands do: they send messages, or change how the conversation is shown. */
export class RoomActions implements Actions {
	readonly #conversation: Conversation;
	readonly #delivery: Delivery;
	readonly #membership: Pick<Membership, "isOnline" | "send">;
	readonly #printer: Pick<Printer, "clock" | "save">;
	readonly #secret: Pick<OwnSecret, "isIn">;
	readonly #preferences: Preferences;
	readonly #leave: () => void;
	readonly #forgetDevice: () => void;
	readonly #absences: AbsenceNotes;
	/** The line that is being run, and the member whom it names, if the user chose one. */
	#line = "";
	#about: Recipient | undefined;

	constructor(options: RoomActionsOptions) {
		this.#conversation = options.conversation;
		this.#delivery = options.conversation.delivery;
		this.#absences = new AbsenceNotes(options.conversation);
		this.#membership = options.membership;
		this.#printer = options.printer;
		this.#secret = options.secret;
		this.#preferences = options.preferences;
		this.#leave = options.leave;
		this.#forgetDevice = options.forgetDevice;
	}

	/** Does what a typed line asks for; `about` is the member whom it names, in the visit that is meant. */
	run(line: string, about?: Recipient): void {
		this.#line = line;
		this.#about = about;
		runLine(this, line);
	}

	#find(name: string): Recipient | undefined {
		return this.#about?.name === name ? this.#about : this.#conversation.recipients.find(name);
	}

	get isOwner(): boolean {
		return this.#conversation.isOwner;
	}

	get name(): string {
		return this.#conversation.name;
	}

	get keyHelp(): readonly string[] {
		return this.#conversation.ui.keyHelp;
	}

	who(): void {
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		this.#conversation.requestRoster();
	}

	whois(name: string): void {
		const { recipients, visits } = this.#conversation;
		const member = recipients.find(name) ?? visits.findLookalike(name);
		if (!member) return this.giveBack(reason("no_such_member", name).text);
		if (!this.#membership.isOnline) return this.problem(reason("offline").text);
		this.#conversation.requestRoster(member);
	}

	clear(): void {
		this.#conversation.ui.clear();
	}

	say(text: string, me: boolean): void {
		const message: Say = { type: "say", id: shortId(), text };
		this.#send(me ? { ...message, me } : message);
	}

	tell(to: string, text: string): void {
		if (!nameField.is(to)) return this.giveBack(`Not sent: a name is ${nameField.expected}.`);
		const recipient = this.#conversation.recipients.find(to);
		if (!recipient) return this.giveBack(`Not sent: ${reason("no_such_member", to).text}`);
		this.#tell(recipient, text);
	}

	reply(text: string): void {
		const { replyTo } = this.#conversation.recipients;
		if (!replyTo) return this.giveBack("Nobody has sent you a private message yet.");
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
		const { ignoring, name: ownName } = this.#conversation;
		if (name === "") return ignoring.list();
		const fault = ignoring.toggle(name, ownName);
		if (fault !== null) this.giveBack(fault);
	}

	setBell(bell: Bell): void {
		this.#conversation.ringing.bell = bell;
		this.#preferences.saveBell(bell);
	}

	setClock(clock: Clock): void {
		this.#printer.clock = clock;
		this.#preferences.saveClock(clock);
	}

	save(typed: string): void {
		this.#conversation.print(this.#printer.save(typed));
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

	/** What cannot be undone is asked about: it names the visit before, and so concerns nobody later. */
	requestAsOwner(request: OwnerRequest): void {
		if (!this.#membership.isOnline) return this.giveBack(reason("offline").text);
		try {
			const { visits } = this.#conversation;
			// We check as the server does, which ends the connection over a line that is too long.
			const message = readClientMessage(addressed(request, (name) => this.#find(name)));
			// The server refuses anybody else, who must not believe that a yes would do it.
			const question = this.isOwner ? ownerQuestion(message, visits) : null;
			const visit = this.#ownVisit;
			const send = (): void => {
				if (this.#ownVisit === visit) return this.#request(message);
				this.problem("Not done: you have joined again since you were asked.");
			};
			const no = (): void => this.note("Not done.");
			this.#checkSecrets(textsIn(message), message, () => {
				if (question === null) return send();
				this.#conversation.question.ask({ text: question, yes: send, no }, subjectOf(message));
			});
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.giveBack(`Not done: ${error.message}`);
		}
	}

	get #ownVisit(): string | undefined {
		return this.#conversation.visits.find(this.name)?.visit;
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

	giveBack(problem: string, line = this.#line): void {
		this.problem(problem);
		this.#conversation.ui.giveBack(line);
	}

	#tell({ name, visit }: Recipient, text: string): void {
		this.#send({ type: "tell", id: shortId(), to: name, visit, text }, () =>
			this.#absences.sending({ name, visit }),
		);
	}

	/** `onSending`: once the message is on its way. */
	#send(message: Say | Tell, onSending = (): void => {}): void {
		if (!textField.is(message.text)) {
			return this.giveBack(`Not sent: a message must be ${textField.expected}.`);
		}
		this.#checkSecrets([message.text], message, () => {
			if (this.#delivery.isFull) {
				const advice = "Use /again or /forget, or wait.";
				return this.giveBack(`Not sent: too many messages are still waiting. ${advice}`);
			}
			this.#delivery.send(message);
			onSending();
		});
	}

	/** Sends texts that are to leave this device, unless one is the password or seems to be one. */
	#checkSecrets(texts: readonly string[], message: ClientMessage, send: () => void): void {
		if (texts.some((text) => this.#secret.isIn(text))) return this.problem(IS_SECRET);
		if (!texts.some(mayHoldAppPassword)) return send();
		const line = this.#line;
		const to = message.type === "tell" ? message.to : "everybody";
		const text = `This looks like an app password (sixteen letters). Send it to ${to}?`;
		const no = (): void => this.giveBack("Not sent.", line);
		this.#conversation.question.ask({ text, yes: send, no }, subjectOf(message));
	}
}
