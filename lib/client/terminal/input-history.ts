/** A text and where the cursor stands in it. */
export interface Draft {
	readonly text: string;
	readonly cursor: number;
}

/** What was entered in this run, at most `limit` texts, to be gone through and entered again. */
export class InputHistory {
	readonly #limit: number;
	#entries: string[] = [];
	/** Where we are in `#entries`; one past them is the line that is not finished. */
	#index = 0;
	/** What has been made of each place since the last `add`, so that going through loses nothing. */
	#drafts = new Map<number, Draft>();

	constructor(limit: number) {
		this.#limit = limit;
	}

	/** Remembers what was entered, if there is something in it and it is not the last one again. */
	add(text: string): void {
		if (text.trim() !== "" && text !== this.#entries.at(-1)) this.#entries.push(text);
		if (this.#entries.length > this.#limit) this.#entries.shift();
		this.reset();
	}

	/** Leaves the past: what is typed from here on is a new line. */
	reset(): void {
		this.#index = this.#entries.length;
		this.#drafts.clear();
	}

	/** The text before the one that is left as `now`; undefined if there is none. */
	older(now: Draft): Draft | undefined {
		return this.#go(this.#index - 1, now);
	}

	/** The one after it, the unfinished line at last. */
	newer(now: Draft): Draft | undefined {
		return this.#go(this.#index + 1, now);
	}

	#go(index: number, now: Draft): Draft | undefined {
		if (index < 0 || index > this.#entries.length) return undefined;
		this.#drafts.set(this.#index, now);
		this.#index = index;
		const text = this.#entries[index] ?? "";
		return this.#drafts.get(index) ?? { text, cursor: text.length };
	}
}
