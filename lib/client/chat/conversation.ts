import type { Clocks } from "../../util/clock.ts";
import { hasCode } from "../../wire/errors/reason.ts";
import type { Roster, Told, Welcome } from "../../wire/messages/messages.ts";
import type { Bell } from "../commands/command.ts";
import type { Incoming } from "../net/incoming.ts";
import type { Membership, Status } from "../net/membership.ts";
import { greeting } from "../transcript/greeting.ts";
import type { Mentions } from "../transcript/mentions.ts";
import { MoveCollapser } from "../transcript/move-collapser.ts";
import { answerText, notSentText, onlineText, unconfirmedText } from "../transcript/notices.ts";
import { isOwnerEvent, type OwnerEvent } from "../transcript/owner-events.ts";
import { Past } from "../transcript/past.ts";
import type { TranscriptItem } from "../transcript/transcript-item.ts";
import { Delivery } from "./delivery.ts";
import { Ignoring } from "./ignoring.ts";
import { OpenQuestion } from "./open-question.ts";
import type { Preferences } from "./preferences.ts";
import type { Printer } from "./printer.ts";
import { Recipients } from "./recipients.ts";
import { RosterRequests } from "./roster-requests.ts";
import type { Ui } from "./ui.ts";
import { type Recipient, Visits } from "./visits.ts";

type Said = Extract<Incoming, { type: "said" }>;

interface ConversationOptions extends Clocks {
	readonly membership: Pick<Membership, "isSettled" | "send" | "welcome">;
	readonly printer: Printer;
	readonly mentions: Mentions;
	readonly bell: Bell;
	readonly preferences: Preferences;
	/** Whether the user has to be there to log in again. */
	readonly isAsked: boolean;
	/** A function, because the UI is opened on the conversation and so comes later. */
	readonly ui: () => Ui;
}

/** The room as one member sees it: what the server says becomes lines, in the room's order. */
export class Conversation {
	/** Tracks each message that we send until the room echoes it. */
	readonly delivery: Delivery;
	/** The members here, for completion and for requests about one of them. */
	readonly visits: Visits;
	readonly recipients: Recipients;
	bell: Bell;
	readonly ignoring: Ignoring;
	readonly question: OpenQuestion;
	readonly #rosterRequests = new RosterRequests();
	readonly #options: ConversationOptions;
	readonly #moves: MoveCollapser;
	readonly #printer: Printer;
	readonly #past: Past;

	constructor(options: ConversationOptions) {
		this.#options = options;
		this.#printer = options.printer;
		this.bell = options.bell;
		this.#moves = new MoveCollapser(options.now, (moves) => this.print({ kind: "moved", moves }));
		this.#past = new Past({
			...{ ...options, moves: this.#moves },
			show: (item) => this.#show(item),
			note: (text) => this.note(text),
		});
		this.visits = new Visits(options.membership.welcome);
		this.recipients = new Recipients(this.visits);
		const note = (text: string): void => this.note(text);
		this.question = new OpenQuestion({ ui: options.ui, visits: this.visits, note });
		this.ignoring = new Ignoring({
			...{ visits: this.visits, recipients: this.recipients, preferences: options.preferences },
			note: (text) => this.note(text),
		});
		this.delivery = new Delivery({
			membership: options.membership,
			now: options.now,
			onFailure: (message) => options.ui().failed(message),
		});
	}

	/** Our own name in the room. */
	get name(): string {
		return this.#options.membership.welcome.name;
	}

	/** Whether the server has told us that we are an owner of the room. */
	get isOwner(): boolean {
		return this.#options.membership.welcome.owner ?? false;
	}

	/** Shows more of the latest message that did not fit the screen. */
	more(): void {
		this.#moves.flush();
		if (!this.#printer.printNextPage()) this.note("There is nothing more to read.");
	}

	/** Asks who is here, and shows all of them or one. */
	requestRoster(member?: Recipient): void {
		this.#rosterRequests.add(member);
		this.#options.membership.send({ type: "who" });
	}

	receive(message: Incoming | Status): void {
		this.visits.receive(message);
		if (this.delivery.receive(message)) return;
		if (isOwnerEvent(message)) return this.#ownerEvent(message);
		switch (message.type) {
			case "offline":
				this.#showProblem(`${message.text} Reconnecting.`);
				return this.question.withdraw();
			case "online":
				return this.note(onlineText(message.lost, message.server));
			case "rejoining":
				this.#showProblem(message.text);
				return this.#decideOnUnsent();
			case "welcome":
				return this.#beginVisit(message);
			case "away":
			case "back":
				return this.print({ kind: "presence", event: message });
			case "said":
				return this.#said(message);
			case "told":
				return this.#told(message);
			case "joined":
			case "left":
				this.#moves.add(message);
				this.question.check();
				return this.ignoring.update(message.type === "joined" ? [message] : []);
			case "history":
				return this.#past.receive(message.event);
			case "roster":
				return this.#roster(message);
			case "banlist":
			case "device_list":
			case "signed_out":
				return this.#show({ kind: "note", text: answerText(message) });
			case "unconfirmed":
				return this.note(unconfirmedText(message));
			case "refused":
				// The room already has the message, so nothing went wrong.
				if (hasCode(message, "already_said")) return this.#options.ui().changed();
				return this.#showProblem(message.text);
			case "resumed":
			case "login_methods":
			case "code_sent":
			case "denied":
			case "pong":
			case "closing":
				// Queries, `join`, Membership, Delivery and `chat` handle these before they get here.
				return;
			default:
				return message satisfies never;
		}
	}

	/** The room did not know us any more, and we have logged in again. */
	#beginVisit({ name }: Welcome): void {
		this.#options.mentions.me = name;
		this.#past.restart();
		this.greet();
		this.#decideOnUnsent();
	}

	/** A user who has to log in again also decides what to say then. */
	#decideOnUnsent(): void {
		if (this.#options.isAsked) this.delivery.failUnsent();
	}

	/** Call regularly: fails overdue messages, and shows joins and leaves that are held back. */
	tick(): void {
		this.#moves.flushIfDue();
		if (this.delivery.pending.length === 0) return;
		this.delivery.checkOverdue();
		this.#options.ui().changed();
	}

	greet(): void {
		const { membership } = this.#options;
		const { title, motd } = membership.welcome;
		for (const text of [title, motd]) if (text) this.#show({ kind: "notice", text });
		for (const text of greeting(membership.welcome)) this.note(text);
		this.ignoring.begin(membership.welcome.members.map(([name, visit]) => ({ name, visit })));
	}

	/** Call at the end: shows what is still held back, and the messages that were never echoed. */
	end(): void {
		this.#moves.flush();
		for (const { message } of this.delivery.pending) this.problem(notSentText(message));
	}

	clear(): void {
		this.#options.ui().clear();
	}

	/** Lets the user correct a line that was not sent. */
	giveBack(line: string): void {
		this.#options.ui().giveBack(line);
	}

	/** Prints what is ours. */
	print(item: TranscriptItem): void {
		// The joins and leaves held back happened earlier, so they come first.
		this.#moves.flush();
		this.#printer.print(item);
	}

	note(text: string): void {
		this.print({ kind: "note", text });
	}

	problem(text: string): void {
		this.print({ kind: "problem", text });
	}

	#said(message: Said): void {
		if (this.ignoring.hides(message.from)) return;
		this.#show({ kind: "said", message });
		if (message.from !== this.name) this.#ring(this.#options.mentions.isIn(message));
	}

	#told(message: Told): void {
		if (this.ignoring.hides(message.from)) return;
		this.#show({ kind: "told", message });
		if (message.from === this.name) return;
		this.recipients.wroteToUs(message.from);
		this.#ring(true);
	}

	#ownerEvent(event: OwnerEvent): void {
		this.#show({ kind: "owner", event });
		if (event.type === "announced" && event.by !== this.name) this.#ring(true);
	}

	#ring(isForUs: boolean): void {
		if (this.bell === "all" || (this.bell === "mention" && isForUs)) this.#options.ui().ring();
	}

	#roster(roster: Roster): void {
		const { wallNow } = this.#options;
		for (const text of this.#rosterRequests.answer(roster, wallNow())) {
			this.#show({ kind: "note", text });
		}
		this.question.check();
		this.ignoring.update(roster.members);
	}

	#showProblem(text: string): void {
		this.#show({ kind: "problem", text });
	}

	/** Shows what others wrote. */
	#show(item: TranscriptItem): void {
		this.#moves.flush();
		this.#printer.printPage(item);
	}
}
