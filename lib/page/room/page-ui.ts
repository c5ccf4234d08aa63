import type { Conversation } from "../../client/chat/conversation.ts";
import { draftDestination } from "../../client/chat/draft-destination.ts";
import type { Ui, UiOptions } from "../../client/chat/ui.ts";
import type { Recipient } from "../../client/chat/visits.ts";
import { completions } from "../../client/commands/completion.ts";
import type { Question } from "../../client/terminal/confirmation.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { reason } from "../../wire/errors/reason.ts";
import { Composer } from "../composer/composer.ts";
import { Members } from "../members/members.ts";
import { OwnerMenus } from "../members/owner-menus.ts";
import type { PageState } from "../storage/page-state.ts";
import type { PagePrinter } from "../transcript/page-printer.ts";
import { byId } from "../util/elements.ts";
import { OnceAFrame } from "../util/once-a-frame.ts";
import { Throttle } from "../util/throttle.ts";
import { giveTurn } from "../util/turn.ts";
import { Notifications } from "./notifications.ts";
import { PendingView } from "./pending-view.ts";
import { QuestionDialog } from "./question-dialog.ts";

interface PageUiOptions extends UiOptions {
	readonly printer: PagePrinter;
	/** What the user was typing when the page was reloaded. */
	readonly draft: string;
	/** Keeps what a reloaded page goes on with. */
	readonly keep: (state: Omit<PageState, "email">) => void;
}

/** Milliseconds after a change until it is kept. */
const KEEP_INTERVAL = 500;

/** The room as a page. */
export class PageUi implements Ui {
	readonly keyHelp = [
		"Shift-Enter begins a new line. Tab completes names and commands.",
		"In an empty field, the arrow keys go through what you sent before.",
	];
	#unsent = "";
	readonly #conversation: Conversation;
	readonly #options: PageUiOptions;
	readonly #composer: Composer;
	readonly #members: Members;
	readonly #menus: OwnerMenus;
	readonly #question = new QuestionDialog(() => this.#composer.focus());
	readonly #pending: PendingView;
	readonly #notifications: Notifications;
	readonly #closed = new AbortController();
	readonly #showing = new OnceAFrame(() => this.#closed.signal.aborted || this.#refresh());
	/** A page that crashes says nothing before, and goes on with what it kept last. */
	readonly #keeping = new Throttle(() => this.#keep());

	constructor(conversation: Conversation, options: PageUiOptions) {
		this.#conversation = conversation;
		this.#options = options;
		const { signal } = this.#closed;
		this.#composer = new Composer(
			{
				submit: (text) => {
					options.printer.view.follow();
					this.#submit(text);
				},
				destination: (text) => this.#destination(text),
				changed: (text) => {
					conversation.recipients.drafting(text);
					this.#keeping.request(KEEP_INTERVAL);
				},
				completions: (before) => completions(before, conversation),
				signal,
			},
			options.draft,
		);
		this.#menus = new OwnerMenus({
			submit: (line, about) => this.#submit(line, about),
			begin: (words) => this.#composer.begin(words),
		});
		this.#members = new Members(conversation, {
			...{ signal, refresh: options.refreshVisits },
			write: (member) => this.#write(member),
			act: (member, button) => this.#menus.openFor(member, button),
		});
		this.#pending = new PendingView((command) => this.#submit(command));
		this.#notifications = new Notifications((text) => conversation.note(text));
		byId("room-leave", HTMLElement).onclick = () => options.leave();
		byId("transcript", HTMLElement).onclick = ({ target }) => this.#clicked(target);
		const keep = (): void => this.#keeping.runNow();
		const goAway = (): void => {
			keep();
			options.part();
		};
		window.addEventListener("pagehide", goAway, { signal });
		// A page on a phone often goes without more than this.
		document.addEventListener("visibilitychange", keep, { signal });
		// The browser then asks the user, before a reload too, which would lose nothing.
		const stop = (event: Event): void => {
			const { late } = conversation.delivery;
			if (late.some(({ failure }) => failure === undefined)) event.preventDefault();
		};
		window.addEventListener("beforeunload", stop, { signal });
		this.#refresh();
		this.#composer.focus();
		// The place has a new token: with the one before, a page that is reloaded at once would lose it.
		keep();
	}

	ring(item: TranscriptItem): void {
		if (this.#options.printer.unread.isAway) this.#notifications.show(item);
	}

	clear(): void {
		this.#options.printer.clear();
	}

	ask(question: Question): void {
		this.#question.ask(question);
	}

	withdraw(question: Question): void {
		this.#question.withdraw(question);
	}

	giveBack(line: string): void {
		this.#composer.giveBack(line);
	}

	failed(): void {
		this.changed();
	}

	changed(): void {
		this.#keeping.request(KEEP_INTERVAL);
		this.#showing.request();
	}

	giveWay<T>(_notice: string, page: () => Promise<T>): Promise<T> {
		return page();
	}

	/** Also shows what the latest message has changed beside the transcript, soon. */
	async ready(): Promise<void> {
		this.changed();
		await giveTurn();
	}

	close(): void {
		this.#unsent = this.#composer.unsent;
		// First: the "no" to it may give a line back, which must not be kept any more.
		this.#question.close();
		this.#closed.abort();
		this.#keeping.close();
		this.#menus.close();
		this.#options.printer.close();
	}

	/** What the user was typing when this was closed. */
	get unsent(): string {
		return this.#unsent;
	}

	#refresh(): void {
		const conversation = this.#conversation;
		this.#pending.show(conversation.delivery);
		this.#members.show();
		this.#menus.show(conversation.isOwner);
		this.#composer.update();
		const title = sanitizeLine(conversation.title ?? "fernet-chat");
		this.#options.printer.unread.title = title;
		const heading = byId("room-title", HTMLElement);
		if (heading.textContent !== title) heading.textContent = title;
	}

	#submit(line: string, about?: Recipient): void {
		this.#options.submit(line, about);
		this.changed();
	}

	#destination(text: string): { label: string; isPrivate: boolean } {
		const isOnline = this.#options.isOnline();
		const { label, isPrivate, absence } = draftDestination(text, this.#conversation, isOnline);
		return { label: `${label}${absence}`, isPrivate };
	}

	#clicked(target: EventTarget | null): void {
		const { name, visit = "" } = (target instanceof HTMLElement && target.dataset) || {};
		if (name !== undefined) this.#write({ name, visit });
	}

	/** Begins a private line to a member who was shown, unless that one has left. */
	#write(member: Recipient): void {
		const { visits } = this.#conversation;
		if (!visits.has(member)) {
			const isTaken = visits.find(member.name) !== undefined;
			return this.#conversation.problem(reason("no_such_member", member.name, isTaken).text);
		}
		this.#members.close();
		this.#composer.address(member);
	}

	#keep(): void {
		const { printer, visit, keep } = this.#options;
		keep({ ...visit(), items: printer.items, draft: this.#composer.text });
	}
}
