import type { Key } from "../keyboard/key-decoder.ts";

/** Milliseconds between two keys of one answer. */
const ANSWER_TIME = 2000;

/**
 * What may follow the letter that answers a question: the rest of "yes" or "no", and Enter. It belongs
 * to the answer, so it is kept from the line, which it would complete and send otherwise.
 */
export class AnswerRest {
	/** What has not come yet of the word; undefined if no answer is being typed. */
	#rest: string | undefined;
	#withheld = "";
	#takesEnter = false;
	#pressedAt = Number.NEGATIVE_INFINITY;

	/**
	 * `typed`, the beginning of `word`, answered. Enter right after a letter may be meant for the line,
	 * unless that `isUnseen`. `now` here and below is in monotonic milliseconds.
	 */
	begin(word: string, typed: string, isUnseen: boolean, now: number): void {
		this.#rest = word.slice(typed.length);
		this.#withheld = "";
		this.#takesEnter = isUnseen || this.#rest === "";
		this.#pressedAt = now;
	}

	/**
	 * What is left of a key for the line: null if it belongs to the answer, and letters that seemed to
	 * before, if they turn out not to.
	 */
	press(key: Key, now: number): Key | null {
		const rest = now - this.#pressedAt < ANSWER_TIME ? this.#rest : undefined;
		this.#rest = undefined;
		this.#pressedAt = now;
		if (rest === undefined) return key;
		if (key.type !== "text") {
			return this.#takesEnter && key.type === "key" && key.name === "enter" ? null : key;
		}
		const text = this.#withheld + key.text;
		if (!rest.startsWith(key.text.toLowerCase())) return { type: "text", text };
		this.#rest = rest.slice(key.text.length);
		this.#withheld = text;
		this.#takesEnter = true;
		return null;
	}
}
