import { Queue } from "../../util/queue.ts";
import { create } from "../util/elements.ts";

/** Rows in a part: the browser lays out only the parts that are in sight, or near it. */
const PART_ROWS = 100;
const MAX_PARTS = 200;
/** Bytes for all rows, as far as one can tell: texts may be long, and links cost more than words. */
const MAX_BYTES = 64 * 1024 * 1024;
const BYTES_PER_ELEMENT = 512;
const BYTES_PER_UNIT = 2;
/** The least height of a row, in pixels. */
const ROW_HEIGHT = 16;

/** The rows of the transcript in the page, of which the oldest go first. */
export class TranscriptParts {
	readonly #root: HTMLElement;
	/** The last part, to which rows are added. */
	#part = create("div", "part");
	/** What each part takes, in their order. */
	#sizes = new Queue<{ bytes: number }>();
	#size = { bytes: 0 };
	#bytes = 0;
	/** While rows scroll past: the last ones, behind the parts that are hidden. */
	readonly #tail = create("div", "part");
	#isPassing = false;
	/** Parts that are laid out, or were. */
	#shown = new WeakSet<EventTarget>();

	/** Whether some are hidden, because rows scroll past. */
	get isPassing(): boolean {
		return this.#isPassing;
	}

	constructor(root: HTMLElement) {
		this.#root = root;
		root.addEventListener("contentvisibilityautostatechange", this.#visibilityChanged);
		this.clear();
	}

	get last(): Element | null {
		return this.#root.lastElementChild?.lastElementChild ?? null;
	}

	/**
	 * Adds rows at the end. If that is where the user follows them, those that are out of sight again
	 * at once are not laid out until fewer come: it would take most of the browser's time.
	 */
	add(rows: readonly HTMLElement[], isFollowed: boolean): void {
		const inSight = Math.ceil(this.#root.clientHeight / ROW_HEIGHT);
		if (!isFollowed || rows.length <= inSight || this.#isInUse()) {
			this.showPassed();
			for (const row of rows) this.#append(row);
			return;
		}
		this.#isPassing = true;
		this.#part.classList.add("passing");
		for (const row of [...this.#tailRows, ...rows.slice(0, -inSight)]) this.#append(row);
		this.#tail.append(...rows.slice(-inSight));
		this.#root.append(this.#tail);
	}

	/** Shows what was hidden while rows scrolled past. */
	showPassed(): void {
		if (!this.#isPassing) return;
		this.#isPassing = false;
		this.#tail.remove();
		for (const row of this.#tailRows) this.#append(row);
		for (const { classList } of this.#root.children) classList.remove("passing");
	}

	clear(): void {
		this.#root.replaceChildren();
		this.#tail.replaceChildren();
		this.#isPassing = false;
		this.#sizes = new Queue();
		this.#bytes = 0;
		this.#begin();
	}

	/** The rows stay. */
	close(): void {
		this.showPassed();
		this.#root.removeEventListener("contentvisibilityautostatechange", this.#visibilityChanged);
	}

	get #tailRows(): HTMLElement[] {
		return [...this.#tail.children].filter(isElement);
	}

	/** Whether the keyboard or a selection is in a row, which would lose it if it was hidden. */
	#isInUse(): boolean {
		const { activeElement } = document;
		const { anchorNode, isCollapsed } = getSelection() ?? { anchorNode: null, isCollapsed: true };
		if (!isCollapsed && this.#root.contains(anchorNode)) return true;
		return activeElement !== this.#root && this.#root.contains(activeElement);
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
	}

	#begin(): void {
		this.#part.classList.add("settled");
		this.#part = create("div", "part");
		this.#part.classList.toggle("passing", this.#isPassing);
		this.#root.append(this.#part);
		this.#size = { bytes: 0 };
		this.#sizes.push(this.#size);
	}

	/** False if there is only the one that still grows. */
	#dropOldest(): boolean {
		const oldest = this.#root.firstElementChild;
		if (oldest === this.#part || !oldest) return false;
		oldest.remove();
		this.#bytes -= this.#sizes.shift()?.bytes ?? 0;
		return true;
	}

	/**
	 * Has the browser give back the memory of the layout of a part that is out of sight, which is more
	 * than that of its text: once made, it is kept.
	 */
	readonly #visibilityChanged = (event: Event): void => {
		const { target: part } = event;
		if (!(part instanceof HTMLElement && "skipped" in event)) return;
		if (!event.skipped) {
			this.#shown.add(part);
			return;
		}
		if (!this.#shown.delete(part)) return;
		const { scrollTop } = this.#root;
		part.style.containIntrinsicSize = `auto ${part.offsetHeight}px`;
		part.style.display = "none";
		// Takes effect only when something asks for it.
		void part.offsetHeight;
		part.style.display = "";
		// Without the part for a moment, the transcript may have been too short for its place.
		if (this.#root.scrollTop !== scrollTop) this.#root.scrollTop = scrollTop;
	};
}

const isElement = (element: Element): element is HTMLElement => element instanceof HTMLElement;

/** About how much memory a row takes, in bytes. */
const sizeOf = (row: HTMLElement): number =>
	row.querySelectorAll("*").length * BYTES_PER_ELEMENT +
	(row.textContent?.length ?? 0) * BYTES_PER_UNIT;
