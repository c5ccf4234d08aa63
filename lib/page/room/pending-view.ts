import type { Delivery } from "../../client/chat/delivery.ts";
import type { PendingMessage } from "../../client/chat/pending-messages.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { byId, create, setHidden } from "../util/elements.ts";

const MAX_ROWS = 5;
/** Characters of a text by which its author knows it. */
const MAX_CHARACTERS = 300;

/** The user's own messages that are late or have failed. */
export class PendingView {
	readonly #section = byId("room-pending", HTMLElement);
	readonly #list = byId("pending", HTMLElement);
	readonly #failed = byId("pending-failed", HTMLElement);
	/** What is shown, so that nothing is drawn anew that has not changed. */
	#shown = "";

	/** `run` carries out a command. */
	constructor(run: (command: string) => void) {
		byId("pending-again", HTMLElement).onclick = () => run("/again");
		byId("pending-forget", HTMLElement).onclick = () => run("/forget");
		this.#section.hidden = true;
	}

	show({ late }: Pick<Delivery, "late">): void {
		const shown = JSON.stringify([
			...late.slice(0, MAX_ROWS).map(({ message, failure }) => [message.id, failure]),
			late.length,
		]);
		if (shown === this.#shown) return;
		this.#shown = shown;
		const rows = late.slice(0, MAX_ROWS).map(rowOf);
		const rest = late.length - rows.length;
		if (rest > 0) rows.push(create("li", "", `… and ${rest} more`));
		this.#list.replaceChildren(...rows);
		const hasNotFailed = late.every(({ failure }) => failure === undefined);
		setHidden(this.#failed, hasNotFailed, byId("composer-text", HTMLElement));
		this.#section.hidden = late.length === 0;
	}
}

function rowOf({ message, failure }: PendingMessage): HTMLElement {
	const to = message.type === "tell" ? `PRIVATE to ${sanitizeLine(message.to)}: ` : "";
	const text = sanitizeLine(message.text.slice(0, MAX_CHARACTERS));
	const words = create("span", "text", `${to}${text}`);
	if (failure === undefined) return create("li", "late", "Sending… ", words);
	const why = create("span", "fault", `Not sent: ${sanitizeLine(failure)} `);
	return create("li", "failed", why, words);
}
