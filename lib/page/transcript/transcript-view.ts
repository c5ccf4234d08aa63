import { count } from "../../client/util/count.ts";
import { setHidden } from "../util/elements.ts";
import { OnceAFrame } from "../util/once-a-frame.ts";
import { Throttle } from "../util/throttle.ts";
import { TranscriptParts } from "./transcript-parts.ts";

/**
 * Milliseconds between two times that rows are put in while many come: what is typed is shown sooner
 * if not everything is drawn anew with it. One row alone is put in at once.
 */
const BUSY_INTERVAL = 100;
/** The same while so many come that they scroll past unread. */
const PASSING_INTERVAL = 250;
/** Rows that wait for that at most. */
const MAX_WAITING = 500;
/** Pixels from the end within which the user follows what comes. */
const NEAR_END = 40;

/** The rows of the transcript, of which the oldest go first. It stays at its end while the user is there. */
export class TranscriptView {
	readonly #root: HTMLElement;
	readonly #button: HTMLElement;
	readonly #parts: TranscriptParts;
	#waiting: HTMLElement[] = [];
	#putInAt = Number.NEGATIVE_INFINITY;
	readonly #puttingIn = new Throttle(() => this.#putIn());
	readonly #resized = new ResizeObserver(() => this.#stayAtEnd());
	/** Once for all rows that come before the next frame. */
	readonly #following = new OnceAFrame(() => this.#stayAtEnd());
	#isFollowing = true;
	/** Where the view was last, in pixels. */
	#top = 0;
	/** The last row when we went to the end. */
	#followed: Element | null = null;
	/** Rows that came out of sight, below. */
	#newBelow = 0;

	/** `button` is shown while there are new rows out of sight. */
	constructor(root: HTMLElement, button: HTMLElement) {
		this.#root = root;
		this.#button = button;
		this.#parts = new TranscriptParts(root);
		// So that the keyboard can scroll it.
		root.tabIndex = 0;
		button.onclick = () => this.follow();
		root.onscroll = () => this.#scrolled();
		this.#setNewBelow(0);
		this.#resized.observe(root);
	}

	add(row: HTMLElement): void {
		this.#waiting.push(row);
		const isBusy = performance.now() - this.#putInAt < this.#interval;
		if (isBusy && this.#waiting.length < MAX_WAITING) this.#puttingIn.request(this.#interval);
		else this.#puttingIn.runNow();
	}

	get #interval(): number {
		return this.#parts.isPassing ? PASSING_INTERVAL : BUSY_INTERVAL;
	}

	#putIn(): void {
		this.#putInAt = performance.now();
		const rows = this.#waiting;
		this.#waiting = [];
		this.#parts.add(rows, this.#isFollowing);
		// What is hidden meanwhile is shown with the next ones, or without any.
		if (this.#parts.isPassing) this.#puttingIn.request(PASSING_INTERVAL);
		if (this.#isFollowing) return this.#following.request();
		const seen = rows.filter(({ classList }) => classList.contains("row"));
		this.#setNewBelow(this.#newBelow + seen.length);
	}

	/** Shows the rest of the latest row that was cut. False if there is none. */
	showAllOfLatest(): boolean {
		this.#puttingIn.runNow();
		const buttons = this.#root.querySelectorAll<HTMLElement>(".show-all");
		const latest = buttons[buttons.length - 1];
		latest?.click();
		return latest !== undefined;
	}

	/** Puts in what waits: there will be no more. The next visit has a view of its own, of the same root. */
	close(): void {
		this.#puttingIn.runNow();
		this.#parts.close();
		this.#resized.disconnect();
		this.#isFollowing = false;
	}

	clear(): void {
		this.#puttingIn.runNow();
		this.#parts.clear();
		this.follow();
	}

	/** Goes to the end, and stays there. */
	follow(): void {
		this.#puttingIn.runNow();
		this.#isFollowing = true;
		this.#setNewBelow(0);
		this.#goToEnd();
	}

	#stayAtEnd(): void {
		if (this.#isFollowing) this.#goToEnd();
	}

	#goToEnd(): void {
		this.#root.scrollTop = this.#root.scrollHeight;
		this.#top = this.#root.scrollTop;
		this.#followed = this.#parts.last;
	}

	/**
	 * The user has scrolled, or we have, of which the browser tells us later, when there may be more
	 * rows below, or less room for them; or rows above were drawn and have other heights than it had
	 * guessed.
	 */
	#scrolled(): void {
		const { scrollHeight, scrollTop, clientHeight } = this.#root;
		const isUp = scrollTop < this.#top && !this.#isInSight(this.#followed);
		const below = scrollHeight - scrollTop - clientHeight;
		this.#top = scrollTop;
		if (this.#isFollowing && !isUp) {
			if (below > 1) this.#following.request();
			return;
		}
		this.#isFollowing = below <= NEAR_END;
		if (!this.#isFollowing) this.#parts.showPassed();
		if (this.#isFollowing) this.#setNewBelow(0);
	}

	/** Whether a row is where the user can see it, or further up. */
	#isInSight(row: Element | null): boolean {
		const bottom = row?.getBoundingClientRect().bottom ?? 0;
		return bottom <= this.#root.getBoundingClientRect().bottom + NEAR_END;
	}

	#setNewBelow(rows: number): void {
		this.#newBelow = rows;
		setHidden(this.#button, rows === 0, this.#root);
		this.#button.textContent = `${count(rows, "new line")} below`;
	}
}
