import type { Conversation } from "../../client/chat/conversation.ts";
import type { PendingMessage } from "../../client/chat/pending-messages.ts";
import type { Ui, UiOptions } from "../../client/chat/ui.ts";
import { destination } from "../../client/commands/destination.ts";
import type { Question } from "../../client/terminal/confirmation.ts";
import { sanitize, sanitizeLine } from "../../client/util/sanitize.ts";
import { byId, create } from "../elements.ts";
import type { PageState } from "../kept-visit.ts";
import { OnceAFrame } from "../once-a-frame.ts";
import { Throttle } from "../throttle.ts";
import { giveTurn } from "../turn.ts";
import { Composer } from "./composer.ts";
import type { PagePrinter } from "./page-printer.ts";
import { QuestionDialog } from "./question-dialog.ts";
import { RosterView } from "./roster-view.ts";

interface PageUiOptions extends UiOptions {
	readonly printer: PagePrinter;
	/** What the user was typing when the page was reloaded. */
	readonly draft: string;
	/** Keeps what a reloaded page goes on with. */
	readonly keep: (state: PageState) => void;
}

/** Milliseconds after a change until it is kept. */
const KEEP_INTERVAL = 500;

/** The room as a page. */
export class PageUi implements Ui {
	readonly #conversation: Conversation;
	readonly #options: PageUiOptions;
	readonly #composer: Composer;
	readonly #roster = new RosterView();
	readonly #question = new QuestionDialog();
	readonly #pending = byId("room-pending", HTMLElement);
	readonly #closed = new AbortController();
	/** A page that crashes says nothing before, and goes on with what it kept last. */
	readonly #showing = new OnceAFrame(() => this.#show());
	readonly #keeping = new Throttle(KEEP_INTERVAL, () => this.#keep());

	constructor(conversation: Conversation, options: PageUiOptions) {
		this.#conversation = conversation;
		this.#options = options;
		this.#composer = new Composer(
			{
				submit: (text) => options.submit(text),
				destination: (text) => this.#destination(text),
				changed: (text) => {
					conversation.recipients.drafting(text);
					this.#keeping.request();
				},
			},
			options.draft,
		);
		byId("room-leave", HTMLElement).onclick = () => options.leave();
		const { signal } = this.#closed;
		// A page on a phone often goes without more than this.
		for (const event of ["pagehide", "visibilitychange"] as const) {
			(event === "pagehide" ? window : document).addEventListener(
				event,
				() => this.#keeping.runNow(),
				{ signal },
			);
		}
		this.#composer.focus();
	}

	ring(): void {}

	clear(): void {
		this.#options.printer.view.clear();
	}

	ask(question: Question): void {
		this.#question.ask(question);
	}

	withdraw(question: Question): void {
		this.#question.withdraw(question);
	}

	giveBack(line: string): void {
		if (this.#composer.text === "") this.#composer.text = line;
	}

	failed(): void {
		this.changed();
	}

	changed(): void {
		this.#keeping.request();
		this.#showing.request();
	}

	#show(): void {
		this.#roster.show(this.#conversation.visits, this.#conversation.name);
		this.#composer.update();
		const { pending } = this.#conversation.delivery;
		this.#pending.replaceChildren(...pending.map(pendingRow));
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
		this.#closed.abort();
		this.#keeping.stop();
		this.#question.close();
	}

	#keep(): void {
		const { printer, visit, keep } = this.#options;
		keep({ ...visit(), items: printer.items, draft: this.#composer.text });
	}

	#destination(text: string): { label: string; isPrivate: boolean } {
		const replyTo = this.#conversation.recipients.replyTo?.name ?? null;
		const { label, isPrivate } = destination(text, replyTo);
		return { label: this.#options.isOnline() ? label : `offline, ${label}`, isPrivate };
	}
}

function pendingRow({ message, failure }: PendingMessage): HTMLElement {
	const to = message.type === "tell" ? `PRIVATE to ${sanitizeLine(message.to)}: ` : "";
	const row = create(
		"p",
		failure === undefined ? "pending" : "pending failed",
		to,
		sanitize(message.text),
	);
	if (failure !== undefined)
		row.append(create("small", "fault", ` Not sent. ${sanitizeLine(failure)}`));
	return row;
}
