import { Attention } from "../../client/terminal/attention.ts";
import type { TranscriptItem } from "../../client/transcript/transcript-item.ts";
import { shownTime } from "../../client/util/shown-time.ts";
import { create } from "../util/elements.ts";

/** What the user does while looking at the page. */
const SIGNS = ["keydown", "pointerdown", "wheel", "touchmove"];
const MAX_SHOWN = 99;

/** What came while the user looked elsewhere: a mark before it, and its count in title and icon. */
export class Unread {
	readonly #attention = new Attention();
	readonly #put: (mark: HTMLElement) => void;
	readonly #icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
	readonly #plainIcon = this.#icon?.href ?? "";
	readonly #closed = new AbortController();
	#mark: HTMLElement | undefined;
	#isLooking = true;
	#count = 0;
	#title = "";

	/** `put` adds the mark to the transcript. */
	constructor(put: (mark: HTMLElement) => void) {
		this.#put = put;
		const options = { signal: this.#closed.signal, capture: true, passive: true };
		for (const sign of SIGNS) window.addEventListener(sign, () => this.#looked(true), options);
		const look = (): void => this.#looked(!document.hidden && document.hasFocus());
		for (const change of ["focus", "blur"]) window.addEventListener(change, look, options);
		document.addEventListener("visibilitychange", look, options);
		look();
	}

	get isAway(): boolean {
		return this.#attention.isAway;
	}

	/** The room's title, sanitized, which is the page's. */
	set title(title: string) {
		if (title === this.#title) return;
		this.#title = title;
		this.#show();
	}

	/** Call before an item is shown; `me` is the user's name. Returns whether a mark was put before it. */
	announce(item: TranscriptItem, me: string): boolean {
		const since = this.#attention.markNew();
		if (since !== null) {
			this.#mark?.remove();
			this.#mark = create("div", "unread", `new since ${shownTime(since, Date.now())}`);
			this.#put(this.#mark);
		}
		if (this.isAway && isFromOthers(item, me)) {
			this.#count++;
			this.#show();
		}
		return since !== null;
	}

	/** Leaves title and icon as they were. */
	close(): void {
		this.#closed.abort();
		this.#title = "fernet-chat";
		this.#count = 0;
		this.#show();
	}

	#looked(isLooking: boolean): void {
		// Of two signs that the user left, the first counts.
		if (!isLooking && !this.#isLooking) return;
		this.#isLooking = isLooking;
		this.#attention.focused(isLooking);
		if (!isLooking || this.#count === 0) return;
		this.#count = 0;
		this.#show();
	}

	#show(): void {
		const shown = this.#count > MAX_SHOWN ? `${MAX_SHOWN}+` : String(this.#count);
		document.title = this.#count === 0 ? this.#title : `(${shown}) ${this.#title}`;
		if (this.#icon) this.#icon.href = this.#count === 0 ? this.#plainIcon : badge(shown);
		// The icon of an installed page, where the system shows one.
		navigator.setAppBadge?.(this.#count).catch(() => {});
	}
}

/** Whether somebody else said this, to all or to us. */
function isFromOthers(item: TranscriptItem, me: string): boolean {
	if (item.kind === "said" || item.kind === "told") return item.message.from !== me;
	return item.kind === "owner" && item.event.type === "announced" && item.event.by !== me;
}

/** An icon with a number on it, as an address of its own. */
function badge(count: string): string {
	const text = `<text x="8" y="11.5" font-size="${count.length > 2 ? 7 : 10}" font-family="sans-serif" font-weight="bold" text-anchor="middle" fill="#fff">${count}</text>`;
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="#b3261e"/>${text}</svg>`;
	return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
