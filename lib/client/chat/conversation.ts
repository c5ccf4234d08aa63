import type { Clocks } from "../../util/clock.ts";
import { hasCode } from "../../wire/errors/reason.ts";
import type { Roster, Say, Tell, Told } from "../../wire/messages/messages.ts";
import type { Bell } from "../commands/command.ts";
import type { Incoming } from "../net/incoming.ts";
import type { Membership, Status } from "../net/membership.ts";
import { count } from "../util/count.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import { answerText } from "./answer-text.ts";
import { Delivery } from "./delivery.ts";
import { greeting } from "./greeting.ts";
import { IgnoreList } from "./ignore-list.ts";
import type { LineFormatter } from "./line-formatter.ts";
import { MoveCollapser } from "./move-collapser.ts";
import { isOwnerEvent, type OwnerEvent } from "./owner-events.ts";
import { Past } from "./past.ts";
import { Printer } from "./printer.ts";
import { rosterText } from "./roster-text.ts";
import type { Transcript } from "./transcript.ts";
import type { Ui } from "./ui.ts";
import { DraftRecipient, type Recipient, Visits } from "./visits.ts";

type Said = Extract<Incoming, { type: "said" }>;
type Unconfirmed = Extract<Incoming, { type: "unconfirmed" }>;

/** Stands for a visit that we have missed: a reply to it is refused. */
const UNKNOWN = "unknown";

interface ConversationOptions extends Clocks {
	readonly membership: Pick<Membership, "isSettled" | "send" | "welcome">;
	/** Messages never echoed in an earlier visit, which the user may send again. */
	readonly unsent: readonly (Say | Tell)[];
	readonly formatter: LineFormatter;
	readonly transcript: Transcript;
	readonly bell: Bell;
	/** A function, because the UI is opened on the conversation and so comes later. */
	readonly ui: () => Ui;
}

/** The room as one member sees it: what the server says becomes lines, in the room's order. */
export class Conversation {
	/** Tracks each message that we send until the room echoes it. */
	readonly delivery: Delivery;
	/** Our own name in the room. */
	readonly name: string;
	/** Whether the server has told us that we are an owner of the room. */
	readonly isOwner: boolean;
	/** The members here, for completion and for requests about one of them. */
	readonly visits: Visits;
	bell: Bell;
	readonly ignored = new IgnoreList();
	#lastSender: Recipient | null = null;
	readonly #draft = new DraftRecipient();
	/** The user has asked who is here. */
	#isRosterWanted = false;
	readonly #options: ConversationOptions;
	readonly #moves: MoveCollapser;
	readonly #printer: Printer;
	readonly #past: Past;

	constructor(options: ConversationOptions) {
		this.#options = options;
		this.#printer = new Printer(options);
		this.name = options.membership.welcome.name;
		this.isOwner = options.membership.welcome.owner ?? false;
		this.bell = options.bell;
		this.#moves = new MoveCollapser(options.now, (moves) =>
			this.#print(options.formatter.moved(moves)),
		);
		this.#past = new Past({
			...options,
			...{ welcome: options.membership.welcome, moves: this.#moves },
			show: (text) => this.#show(text),
			note: (text) => this.note(text),
		});
		this.visits = new Visits(options.membership.welcome.members);
		this.delivery = new Delivery({
			membership: options.membership,
			now: options.now,
			onFailure: (message) => options.ui().failed(message),
		});
		this.delivery.restore(options.unsent);
	}

	/** The recipient of a reply: the member who last sent us a private message, or null. */
	get replyTo(): Recipient | null {
		return this.#draft.reply ?? this.#lastSender;
	}

	/** The member of this name whom the user means; undefined if nobody here is called so. */
	recipient(name: string): Recipient | undefined {
		return this.#draft.find(name) ?? this.visits.find(name);
	}

	/** The line being typed has changed. */
	drafting(typed: string): void {
		this.#draft.update(typed, this.visits, this.#lastSender);
	}

	/** Shows more of the latest message that did not fit the screen. */
	more(): void {
		this.#moves.flush();
		if (!this.#printer.printNextPage()) this.note("There is nothing more to read.");
	}

	requestRoster(): void {
		this.#isRosterWanted = true;
		this.#options.membership.send({ type: "who" });
	}

	receive(message: Incoming | Status): void {
		this.visits.receive(message);
		if (this.delivery.receive(message)) return;
		if (isOwnerEvent(message)) return this.#ownerEvent(message);
		switch (message.type) {
			case "offline":
				return this.#showProblem(`${message.text} Reconnecting.`);
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
				this.#moves.add(message);
				return this.#updateIgnored(message.type === "joined" ? [message] : []);
			case "history":
				return this.#past.receive(message.event);
			case "roster":
				return this.#roster(message);
			case "banlist":
			case "device_list":
			case "signed_out":
				return this.#show(this.#options.formatter.note(answerText(message)));
			case "unconfirmed":
				return this.#unconfirmed(message);
			case "refused":
				// The room already has the message, so nothing went wrong.
				if (hasCode(message, "already_said")) return this.#options.ui().changed();
				return this.#showProblem(message.text);
			case "welcome":
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

	#online(lost: number): void {
		const verb = lost === 1 ? "is" : "are";
		const gap =
			lost === 0 ? "You missed nothing" : `${count(lost, "message")} ${verb} lost for good`;
		this.note(`Connected again. ${gap}.`);
	}

	/** Call regularly: fails overdue messages, and shows joins and leaves that are held back. */
	tick(): void {
		this.#moves.flushIfDue();
		if (this.delivery.pending.length === 0) return;
		this.delivery.checkOverdue();
		this.#options.ui().changed();
	}

	greet(): void {
		const { formatter, membership } = this.#options;
		const { title, motd } = membership.welcome;
		for (const text of [title, motd]) if (text) this.#show(formatter.notice(text));
		for (const text of greeting(membership.welcome)) this.note(text);
		for (const entry of this.delivery.pending) this.#options.ui().failed(entry);
	}

	/** Call at the end: shows what is still held back, and the messages that were never echoed. */
	end(): void {
		this.#moves.flush();
		for (const { message } of this.delivery.pending) this.problem(`Not sent: ${message.text}`);
	}

	note(text: string): void {
		this.#print(this.#options.formatter.note(text));
	}

	problem(text: string): void {
		this.#print(this.#options.formatter.problem(text));
	}

	#said(message: Said): void {
		if (this.ignored.has(this.visits.find(message.from))) return;
		const { formatter } = this.#options;
		this.#show(formatter.said(message));
		if (message.from !== this.name) this.#ring(formatter.isMention(message));
	}

	#told(message: Told): void {
		const { formatter } = this.#options;
		if (this.ignored.has(this.visits.find(message.from))) return;
		this.#show(formatter.told(message));
		if (message.from === this.name) return;
		this.#lastSender = this.visits.find(message.from) ?? { name: message.from, visit: UNKNOWN };
		this.#ring(true);
	}

	#ownerEvent(event: OwnerEvent): void {
		this.#show(this.#options.formatter.ownerEvent(event));
		if (event.type === "announced" && event.by !== this.name) this.#ring(true);
	}

	#ring(isForUs: boolean): void {
		if (this.bell === "all" || (this.bell === "mention" && isForUs)) this.#options.ui().ring();
	}

	/** The membership asks for the roster, too, after it has lost events. */
	#roster(roster: Roster): void {
		const { formatter, wallNow } = this.#options;
		if (this.#isRosterWanted) this.#show(formatter.note(rosterText(roster, wallNow())));
		this.#isRosterWanted = false;
		this.#updateIgnored(roster.members);
	}

	/** Says so when the name of an ignored member is back: we cannot know whether it is the same. */
	#updateIgnored(arrived: readonly Recipient[]): void {
		for (const { name } of this.ignored.update((member) => this.visits.has(member), arrived)) {
			const who = "The one whom you ignored has left, and this may be somebody else.";
			this.note(`${name} is here now. ${who} To ignore this one, too: /ignore ${name}`);
		}
	}

	#unconfirmed({ name, count: lines }: Unconfirmed): void {
		const what = `${count(lines, "private message")} from you`;
		this.note(`${sanitizeLine(name)} left, and may not have received ${what}.`);
	}

	#showProblem(text: string): void {
		this.#show(this.#options.formatter.problem(text));
	}

	/** Shows what others wrote. */
	#show(text: string): void {
		this.#moves.flush();
		this.#printer.printPage(text);
	}

	#print(line: string): void {
		// The joins and leaves held back happened earlier, so they come first.
		this.#moves.flush();
		this.#printer.print(line);
	}
}
