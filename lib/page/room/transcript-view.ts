import { count } from "../../client/util/count.ts";
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
	#isScheduled = false;
	/** Rows that came out of sight, below. */
	#newBelow = 0;

	/** `button` is shown while there are new rows out of sight. */
	constructor(root: HTMLElement, button: HTMLElement) {
		this.#root = root;
		this.#button = button;
		this.#part = create("div", "part");
		root.replaceChildren(this.#part);
		// So that the keyboard can scroll it.
		root.tabIndex = 0;
		button.onclick = () => this.follow();
		root.onscroll = () => {
			this.#isFollowing = root.scrollHeight - root.scrollTop - root.clientHeight <= NEAR_END;
			if (this.#isFollowing) this.#setNewBelow(0);
		};
		this.#setNewBelow(0);
		new ResizeObserver(() => this.#isFollowing && this.follow()).observe(root);
	}

	add(row: HTMLElement): void {
		if (this.#part.childElementCount >= PART_ROWS) {
			this.#part = create("div", "part");
			this.#root.append(this.#part);
			if (this.#root.childElementCount > MAX_PARTS) this.#root.firstElementChild?.remove();
		}
		this.#part.append(row);
		if (this.#isFollowing) this.#scheduleFollow();
		else if (row.classList.contains("row")) this.#setNewBelow(this.#newBelow + 1);
	}

	/** Shows the rest of the latest row that was cut. False if there is none. */
	showAllOfLatest(): boolean {
		const buttons = this.#root.querySelectorAll<HTMLElement>(".show-all");
		const latest = buttons[buttons.length - 1];
		latest?.click();
		return latest !== undefined;
	}

	clear(): void {
		this.#part.replaceChildren();
		this.#root.replaceChildren(this.#part);
		this.follow();
	}

	/** Goes to the end, and stays there. */
	follow(): void {
		this.#isFollowing = true;
		this.#setNewBelow(0);
		this.#root.scrollTop = this.#root.scrollHeight;
	}

	#setNewBelow(rows: number): void {
		this.#newBelow = rows;
		this.#button.hidden = rows === 0;
		this.#button.textContent = `${count(rows, "new line")} below`;
	}

	/** Once for all rows that come before the next frame. */
	#scheduleFollow(): void {
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		requestAnimationFrame(() => {
			this.#isScheduled = false;
			if (this.#isFollowing) this.follow();
		});
	}
}
