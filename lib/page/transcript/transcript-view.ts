import { count } from "../../client/util/count.ts";
import { Queue } from "../../util/queue.ts";
import { create, setHidden } from "../util/elements.ts";
import { OnceAFrame } from "../util/once-a-frame.ts";
import { Throttle } from "../util/throttle.ts";

/** Rows in a part of the transcript: the browser lays out only the parts that are in sight. */
const PART_ROWS = 100;
const MAX_PARTS = 200;
/** Bytes for all rows, as far as one can tell: texts may be long, and links cost more than words. */
const MAX_BYTES = 64 * 1024 * 1024;
const BYTES_PER_ELEMENT = 512;
const BYTES_PER_UNIT = 2;
/** Pixels from what is in sight from which on a part need not stay laid out, as a margin. */
const FAR = "3000px 0px";
/**
 * Milliseconds between two times that rows are put in while many come: what is typed is shown sooner
 * if not everything is drawn anew with it. One row alone is put in at once.
 */
const BUSY_INTERVAL = 100;
/** Rows that wait for that at most. */
const MAX_WAITING = 200;
/** Pixels from the end within which the user follows what comes. */
const NEAR_END = 40;

/** The rows of the transcript, of which the oldest go first. It stays at its end while the user is there. */
export class TranscriptView {
	readonly #root: HTMLElement;
	readonly #button: HTMLElement;
	/** The last part, to which rows are added. */
	#part = create("div", "part");
	/** What each part takes, in their order. */
	#sizes = new Queue<{ bytes: number }>();
	#size = { bytes: 0 };
	#bytes = 0;
	#waiting: HTMLElement[] = [];
	#putInAt = Number.NEGATIVE_INFINITY;
	readonly #puttingIn = new Throttle(BUSY_INTERVAL, () => this.#putIn());
	readonly #distance: IntersectionObserver;
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
		this.#distance = new IntersectionObserver(
			(entries) => {
				const far = entries.filter(({ isIntersecting }) => !isIntersecting);
				const { scrollTop } = root;
				forgetLayout(far.map(({ target }) => target).filter(isElement));
				// Without those parts for a moment, the transcript may have been too short for its place.
				if (root.scrollTop !== scrollTop) root.scrollTop = scrollTop;
			},
			{ root, rootMargin: FAR },
		);
		this.#empty();
		// So that the keyboard can scroll it.
		root.tabIndex = 0;
		button.onclick = () => this.follow();
		root.onscroll = () => this.#scrolled();
		this.#setNewBelow(0);
		this.#resized.observe(root);
	}

	add(row: HTMLElement): void {
		this.#waiting.push(row);
		const isBusy = performance.now() - this.#putInAt < BUSY_INTERVAL;
		if (isBusy && this.#waiting.length < MAX_WAITING) this.#puttingIn.request();
		else this.#puttingIn.runNow();
	}

	#putIn(): void {
		this.#putInAt = performance.now();
		const rows = this.#waiting;
		this.#waiting = [];
		for (const row of rows) this.#append(row);
	}

	#append(row: HTMLElement): void {
		if (this.#part.childElementCount >= PART_ROWS) this.#begin();
		this.#part.append(row);
		const bytes = sizeOf(row);
		this.#size.bytes += bytes;
		this.#bytes += bytes;
		while (this.#sizes.length > MAX_PARTS || this.#bytes > MAX_BYTES) {
			if (!this.#dropOldest()) break;
		}
		if (this.#isFollowing) this.#following.request();
		else if (row.classList.contains("row")) this.#setNewBelow(this.#newBelow + 1);
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
		this.#distance.disconnect();
		this.#resized.disconnect();
		this.#isFollowing = false;
	}

	clear(): void {
		this.#puttingIn.runNow();
		this.#empty();
		this.follow();
	}

	#empty(): void {
		this.#distance.disconnect();
		this.#root.replaceChildren();
		this.#sizes = new Queue();
		this.#bytes = 0;
		this.#begin();
	}

	#begin(): void {
		this.#part.previousElementSibling?.classList.add("settled");
		this.#part = create("div", "part");
		this.#root.append(this.#part);
		this.#distance.observe(this.#part);
		this.#size = { bytes: 0 };
		this.#sizes.push(this.#size);
	}

	/** False if there is only the one that still grows. */
	#dropOldest(): boolean {
		const oldest = this.#root.firstElementChild;
		if (oldest === this.#part || !(oldest instanceof HTMLElement)) return false;
		oldest.remove();
		this.#distance.unobserve(oldest);
		this.#bytes -= this.#sizes.shift()?.bytes ?? 0;
		return true;
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
		this.#followed = this.#part.lastElementChild;
	}

	/**
	 * The user has scrolled, or we have, of which the browser tells us later, when there may be more
	 * rows below, or less room for them; or rows above were drawn and have other heights than it had
	 * guessed.
	 */
	#scrolled(): void {
		const { scrollHeight, scrollTop, clientHeight } = this.#root;
		const isUp = scrollTop < this.#top && !this.#isInSight(this.#followed);
		this.#top = scrollTop;
		if (this.#isFollowing && !isUp) return this.#following.request();
		this.#isFollowing = scrollHeight - scrollTop - clientHeight <= NEAR_END;
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

/**
 * Has the browser give back the memory of the parts' layout, which is more than that of their text:
 * once made, it is kept out of sight, too.
 */
function forgetLayout(parts: readonly HTMLElement[]): void {
	const heights = parts.map(({ offsetHeight }) => offsetHeight);
	for (const [index, { style }] of parts.entries()) {
		style.containIntrinsicSize = `auto ${heights[index]}px`;
		style.display = "none";
	}
	// Takes effect only when something asks for it.
	void parts[0]?.offsetHeight;
	for (const { style } of parts) style.display = "";
}

const isElement = (element: Element): element is HTMLElement => element instanceof HTMLElement;

/** About how much memory a row takes, in bytes. */
const sizeOf = (row: HTMLElement): number =>
	row.querySelectorAll("*").length * BYTES_PER_ELEMENT +
	(row.textContent?.length ?? 0) * BYTES_PER_UNIT;
