import { create } from "../elements.ts";

/** Rows in a part of the transcript: the browser lays out only the parts that are in sight. */
const PART_ROWS = 100;
const MAX_PARTS = 200;
/** Pixels from the end within which the user follows what comes. */
const NEAR_END = 40;

/** The rows of the transcript, of which the oldest go first. It stays at its end while the user is there. */
export class TranscriptView {
	readonly #root: HTMLElement;
	readonly #button: HTMLElement;
	#part: HTMLElement;
	#isFollowing = true;

	/** `button` is shown while there are new rows out of sight. */
	constructor(root: HTMLElement, button: HTMLElement) {
		this.#root = root;
		this.#button = button;
		this.#part = create("div", "part");
		root.replaceChildren(this.#part);
		// So that the keyboard can scroll it.
		root.tabIndex = 0;
		button.hidden = true;
		button.onclick = () => this.#follow();
		root.onscroll = () => {
			this.#isFollowing = root.scrollHeight - root.scrollTop - root.clientHeight <= NEAR_END;
			if (this.#isFollowing) button.hidden = true;
		};
		new ResizeObserver(() => this.#isFollowing && this.#follow()).observe(root);
	}

	add(row: HTMLElement): void {
		if (this.#part.childElementCount >= PART_ROWS) {
			this.#part = create("div", "part");
			this.#root.append(this.#part);
			if (this.#root.childElementCount > MAX_PARTS) this.#root.firstElementChild?.remove();
		}
		this.#part.append(row);
		if (this.#isFollowing) this.#scheduleFollow();
		else this.#button.hidden = false;
	}

	clear(): void {
		this.#part.replaceChildren();
		this.#root.replaceChildren(this.#part);
	}

	#isScheduled = false;

	/** Once for all rows that come before the next frame. */
	#scheduleFollow(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		requestAnimationFrame(() => {
			this.#isScheduled = false;
			if (this.#isFollowing) this.#follow();
		});
	}

	#follow(): void {
		this.#isFollowing = true;
		this.#button.hidden = true;
		this.#root.scrollTop = this.#root.scrollHeight;
	}
}
