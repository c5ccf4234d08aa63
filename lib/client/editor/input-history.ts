import type { UndoList } from "./undo-list.ts";

/** A text, the UTF-16 index of the cursor in it, and what was done to it. */
export interface Draft {
	readonly text: string;
	readonly cursor: number;
	readonly undo: UndoList | undefined;
}

/** The last `limit` texts entered, to browse and enter again. */
export class InputHistory {
	readonly #limit: number;
	#entries: string[] = [];
	/** Where we are in `#entries`; one past the last is the unfinished line. */
	#index = 0;
	/** Edits at each index since the last `add`, so that browsing loses none of them. */
	#drafts = new Map<number, Draft>();

	/** `earlier`, the oldest first, come before what is entered in this run. */
	constructor(limit: number, earlier: readonly string[] = []) {
		this.#limit = limit;
		this.#entries = earlier.slice(-limit);
		this.reset();
	}

	/** The oldest first. */
	get entries(): readonly string[] {
		return this.#entries;
	}

	/** Remembers a text, unless it is blank or repeats the last one. */
	add(text: string): void {
		if (text.trim() !== "" && text !== this.#entries.at(-1)) this.#entries.push(text);
		if (this.#entries.length > this.#limit) this.#entries.shift();
		this.reset();
	}

	/** Returns from browsing to a new, unfinished line. */
	reset(): void {
		this.#index = this.#entries.length;
		this.#drafts.clear();
	}

	/** Keeps the current text as `now` and returns the text before it, if there is one. */
	older(now: Draft): Draft | undefined {
		return this.#go(this.#index - 1, now);
	}

	/** The same for the text after it; the unfinished line comes last. */
	newer(now: Draft): Draft | undefined {
		return this.#go(this.#index + 1, now);
	}

	#go(index: number, now: Draft): Draft | undefined {
		if (index < 0 || index > this.#entries.length) return undefined;
		this.#drafts.set(this.#index, now);
		this.#index = index;
		const text = this.#entries[index] ?? "";
		return this.#drafts.get(index) ?? { text, cursor: text.length, undo: undefined };
	}
}
