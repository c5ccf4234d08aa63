/** What one undo takes back: each such edit by itself, or those of one kind in a row. */
export type EditKind = "typing" | "deleting" | "other";

interface State {
	readonly text: string;
	readonly cursor: number;
}

/** States kept of one text, and their UTF-16 code units together; the oldest are dropped first. */
const MAX_STATES = 500;
const MAX_LENGTH = 256 * 1024;

/** The earlier states of a text, so that edits can be undone. */
export class UndoList {
	readonly #states: State[] = [];
	#length = 0;
	#last: EditKind = "other";

	/**
	 * Call before each edit. Typing is undone a word at a time, as emacs does by its amalgamation, and
	 * so is deleting, as long as nothing else is done in between.
	 */
	record(before: State, kind: EditKind, inserted = ""): void {
		const isWordBegun = /\s$/.test(before.text.slice(0, before.cursor)) && /^\S/.test(inserted);
		const isJoined = kind !== "other" && kind === this.#last && !isWordBegun;
		this.#last = kind;
		if (isJoined) return;
		this.#states.push(before);
		this.#length += before.text.length;
		while (this.#states.length > MAX_STATES || this.#length > MAX_LENGTH) {
			this.#length -= this.#states.shift()?.text.length ?? 0;
		}
	}

	/** The cursor was moved: the next edit is another. */
	interrupt(): void {
		this.#last = "other";
	}

	/** The state before the last edit; undefined if there is none. */
	undo(): State | undefined {
		const state = this.#states.pop();
		this.#length -= state?.text.length ?? 0;
		this.interrupt();
		return state;
	}
}
