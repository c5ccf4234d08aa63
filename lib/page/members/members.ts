import type { Conversation } from "../../client/chat/conversation.ts";
import type { Recipient } from "../../client/chat/visits.ts";
import { MembersPanel } from "./members-panel.ts";
import { RosterView } from "./roster-view.ts";

/** Milliseconds between two looks at how long people have been away. */
const AWAY_INTERVAL = 15_000;
/** Milliseconds between two requests for addresses: people may come and go quickly. */
const REFRESH_INTERVAL = 5000;

interface MembersOptions {
	/** Asks the server who is here, with addresses. */
	readonly refresh: () => void;
	readonly write: (member: Recipient) => void;
	readonly act: (member: Recipient, button: HTMLElement) => void;
	readonly signal: AbortSignal;
}

/** The members here, as far as the conversation knows. */
export class Members {
	readonly #conversation: Conversation;
	readonly #options: MembersOptions;
	readonly #roster: RosterView;
	readonly #panel: MembersPanel;
	#revision = -1;
	#refreshedAt = Number.NEGATIVE_INFINITY;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(conversation: Conversation, options: MembersOptions) {
		this.#conversation = conversation;
		this.#options = options;
		this.#roster = new RosterView(options);
		this.#panel = new MembersPanel(options.signal);
		const timer = setInterval(() => this.#draw(), AWAY_INTERVAL);
		options.signal.addEventListener("abort", () => {
			clearInterval(timer);
			clearTimeout(this.#timer);
		});
	}

	/** Shows who has come and gone since. */
	show(): void {
		const { revision } = this.#conversation.visits;
		if (revision === this.#revision) return;
		this.#revision = revision;
		this.#draw();
	}

	close(): void {
		this.#panel.close();
	}

	#draw(): void {
		this.#panel.count = this.#conversation.visits.names.length;
		if (this.#roster.show(this.#conversation)) this.#refresh();
	}

	/** A newcomer's address is in no event. */
	#refresh(): void {
		if (this.#timer !== undefined) return;
		const wait = this.#refreshedAt + REFRESH_INTERVAL - performance.now();
		this.#timer = setTimeout(
			() => {
				this.#timer = undefined;
				this.#refreshedAt = performance.now();
				this.#options.refresh();
			},
			Math.max(0, wait),
		);
	}
}
