import { count } from "../../client/util/count.ts";
import { create } from "../util/elements.ts";
import { Throttle } from "../util/throttle.ts";

/** Milliseconds that rows wait for others, so that a busy room is put in as seldom as it is drawn. */
const INTERVAL = 100;
/** Rows of those that are read out, the latest: nobody listens to more. */
const MAX_ROWS = 50;
/** Milliseconds after which a screen reader has taken what is there, and nobody should find it twice. */
const READ_TIME = 5000;

/**
 * Has a screen reader read new rows, each once. It is apart from the transcript, whose layout comes and
 * goes: what a reader would take for new rows.
 */
export class LiveRegion {
	readonly #root: HTMLElement;
	#waiting: string[] = [];
	#skipped = 0;
	readonly #puttingIn = new Throttle(() => this.#putIn());
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(root: HTMLElement) {
		this.#root = root;
		root.replaceChildren();
	}

	say(text: string): void {
		this.#waiting.push(text);
		if (this.#waiting.length > MAX_ROWS) {
			this.#waiting.shift();
			this.#skipped++;
		}
		this.#puttingIn.request(INTERVAL);
	}

	/** Drops what nobody has read: it is not for whoever is in the room next. */
	close(): void {
		this.#puttingIn.close();
		clearTimeout(this.#timer);
		this.#root.replaceChildren();
	}

	/** What is there already stays in its place: a reader may not have come to it. */
	#putIn(): void {
		if (this.#skipped > 0) this.#waiting.unshift(`${count(this.#skipped, "line")} not read out.`);
		this.#root.append(...this.#waiting.map((text) => create("p", "", text)));
		this.#waiting = [];
		this.#skipped = 0;
		while (this.#root.childElementCount > 2 * MAX_ROWS) this.#root.firstElementChild?.remove();
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#root.replaceChildren(), READ_TIME);
	}
}
