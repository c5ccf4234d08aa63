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
import { Ringing } from "./ringing.ts";
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
	readonly ringing: Ringing;
	readonly ignoring: Ignoring;
	readonly question: OpenQuestion;
	readonly #rosterRequests = new RosterRequests();
	readonly #options: ConversationOptions;
	readonly #moves: MoveCollapser;
	readonly #printer: Printer;
	readonly #past: Past;
	/** The room's title, as it came; undefined if it has none. */
	title: string | undefined;

	constructor(options: ConversationOptions) {
		this.#options = options;
		this.#printer = options.printer;
		this.ringing = new Ringing(options);
		this.#moves = new MoveCollapser(options.now, (moves) => this.print({ kind: "moved", moves }));
		this.#past = new Past({
			...{ ...options, moves: this.#moves },
			show: (item) => this.#show(item),
			note: (text) => this.note(text),
		});
		const { ui, preferences, membership } = options;
		this.title = membership.welcome.title;
		const visits = new Visits(membership.welcome);
		this.visits = visits;
		this.recipients = new Recipients(visits);
		const note = (text: string): void => this.note(text);
		this.question = new OpenQuestion({ ui, visits, note });
		this.ignoring = new Ignoring({ visits, recipients: this.recipients, preferences, note });
		this.delivery = new Delivery({
			...{ membership, now: options.now },
			onFailure: (message) => ui().failed(message),
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

	/** What shows the conversation. */
	get ui(): Ui {
		return this.#options.ui();
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
			case "online":
			case "rejoining":
				return this.#connectionChanged(message);
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
				if (hasCode(message, "already_said")) return this.ui.changed();
				return this.#show({ kind: "problem", text: message.text });
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

	#connectionChanged(status: Status): void {
		if (status.type === "online") {
			const { lost } = status;
			const back = onlineText(lost, status.server);
			return this.print({ kind: "connection", isOnline: true, lost, text: back });
		}
		const text = status.type === "offline" ? `${status.text} Reconnecting.` : status.text;
		this.#show({ kind: "connection", isOnline: false, lost: 0, text });
		if (status.type === "offline") this.question.withdraw();
		else this.#decideOnUnsent();
	}

	/** The room did not know us any more, and we have logged in again. */
	#beginVisit({ name, title }: Welcome): void {
		this.title = title;
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
		this.ui.changed();
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
		this.#showNews({ kind: "said", message });
	}

	#told(message: Told): void {
		if (this.ignoring.hides(message.from)) return;
		const isOurs = message.from === this.name;
		const visit = this.visits.find(isOurs ? message.to : message.from)?.visit;
		this.#showNews({ kind: "told", message, visit });
		if (!isOurs) this.recipients.wroteToUs(message.from);
	}

	#ownerEvent(event: OwnerEvent): void {
		if (event.type === "titled") this.title = event.title;
		this.#showNews({ kind: "owner", event });
	}

	#roster(roster: Roster): void {
		const { wallNow } = this.#options;
		for (const text of this.#rosterRequests.answer(roster, wallNow())) {
			this.#show({ kind: "note", text });
		}
		this.question.check();
		this.ignoring.update(roster.members);
	}

	/** Shows what has just happened, and rings if it is time to. */
	#showNews(item: TranscriptItem): void {
		this.#show(item);
		this.ringing.shown(item);
	}

	/** Shows what others wrote. */
	#show(item: TranscriptItem): void {
		this.#moves.flush();
		this.#printer.printPage(item);
	}
}
