import type { ConnectionItem } from "../../client/transcript/transcript-item.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";

/** Milliseconds for which it is news that the connection is there again. */
const NEWS_TIME = 10_000;

/** Says how the connection is, and nothing while all is well. */
export class StatusLine {
	readonly #line: HTMLElement;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(line: HTMLElement) {
		this.#line = line;
		this.#set("");
	}

	/** What was lost stays until something else is to be said. */
	show({ isOnline, lost, text }: ConnectionItem): void {
		this.#set(sanitizeLine(text));
		const isWell = isOnline && lost === 0;
		this.#line.classList.toggle("fault", !isWell);
		if (isWell) this.#timer = setTimeout(() => this.#set(""), NEWS_TIME);
	}

	#set(text: string): void {
		clearTimeout(this.#timer);
		this.#line.textContent = text;
	}
}
