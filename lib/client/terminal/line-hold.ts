/** Milliseconds after a key in which nobody has read what it led to: what follows may be a paste. */
const UNREAD_TIME = 1000;

const LEFT_OUT =
	"What is not UTF-8 was left out of what you typed or pasted. Set your terminal to UTF-8.";
const MANGLED = "Not sent: what is not UTF-8 is missing from this line. Correct it, or clear it.";
const GIVEN_BACK = "Not sent: this line has come back. Correct it, or clear it.";
const KEPT_BELOW = "What came right after that line is kept below it, and not sent either.";

/**
 * Keeps Enter from sending a line whose author has to look at it first: something was left out of it,
 * or it was not sent and has come back. Another key than Enter then shows that they have. The methods
 * return what to tell them, or null.
 */
export class LineHold {
	/** "unseen": they may press Enter before they have seen that; "refused": they have pressed it. */
	#state: "none" | "unseen" | "refused" = "none";
	#why = MANGLED;
	/** What they have been told since they last had the time to read. */
	#told: "nothing" | "refused" | "kept" = "nothing";
	#pressedAt = Number.NEGATIVE_INFINITY;

	/** Call at each key, in monotonic milliseconds. Whether a text now may be the next line of a paste. */
	press(now: number): boolean {
		const isUnread = now - this.#pressedAt < UNREAD_TIME;
		this.#pressedAt = now;
		if (!isUnread) this.#told = "nothing";
		return isUnread && this.#state === "refused";
	}

	/** Something was left out of the line. Said once a line: there may be thousands of such bytes. */
	leaveOut(): string | null {
		const isNew = this.#state !== "unseen";
		this.#state = "unseen";
		this.#why = MANGLED;
		return isNew ? LEFT_OUT : null;
	}

	/** The line was not sent, which its author is told otherwise, and has come back. */
	giveBack(): void {
		this.#state = "refused";
		this.#told = "refused";
		this.#why = GIVEN_BACK;
	}

	/**
	 * What came right after the line was put below it: it must not complete it, and is not sent alone
	 * either, for it may need what came before.
	 */
	keepBelow(): string | null {
		const isNew = this.#told !== "kept";
		this.#told = "kept";
		this.#state = "unseen";
		return isNew ? KEPT_BELOW : null;
	}

	/** Whether Enter sends the line. */
	get isFree(): boolean {
		return this.#state === "none";
	}

	/** Enter was pressed, and the line is not free. */
	refuse(): string | null {
		this.#state = "refused";
		if (this.#told !== "nothing") return null;
		this.#told = "refused";
		return this.#why;
	}

	/** Another key than Enter was pressed. */
	look(): void {
		if (this.#state === "refused") this.release();
	}

	/** The line was cleared, or its author has seen it. */
	release(): void {
		this.#state = "none";
		this.#told = "nothing";
	}
}
