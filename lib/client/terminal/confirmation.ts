import type { Key } from "../keyboard/key-decoder.ts";
import { type Block, layOut } from "./layout.ts";

/** A question to the user, whom only a yes makes go on. */
export interface Question {
	/** What a yes does and to whom, in sentences. */
	readonly text: string;
	readonly yes: () => void;
	/** A yes can be undone, so that a key may answer at once. */
	readonly isUndoable?: true;
	readonly no?: () => void;
}

/**
 * Milliseconds without a key after which the user has seen a question. What comes sooner was typed
 * ahead, and answers nothing.
 */
export const READ_TIME = 500;

/** A question in the place of the line being typed, until it is answered. */
export class Confirmation {
	readonly #question: Question;
	/** When the question appeared, or when the last key was pressed that was typed ahead. */
	#quietSince: number;

	/** `now` here and below is in monotonic milliseconds. */
	constructor(question: Question, now: number) {
		this.#question = question;
		this.#quietSince = question.isUndoable ? Number.NEGATIVE_INFINITY : now;
	}

	/** Milliseconds until a key can answer, if none is pressed meanwhile; 0 for now. */
	wait(now: number): number {
		return Math.max(0, this.#quietSince + READ_TIME - now);
	}

	/** Whether a key was typed ahead. To go back is never too early. */
	isEarly(key: Key, now: number): boolean {
		if (this.wait(now) === 0 || isCancel(key)) return false;
		this.#quietSince = now;
		return true;
	}

	/** Carries out what the key answers. False if it is no answer; Enter is none. */
	answer(key: Key): boolean {
		const { yes, no } = this.#question;
		const letter = key.type === "text" ? key.text.toLowerCase() : "";
		const isNo = letter === "n" || isCancel(key);
		if (letter === "y") yes();
		else if (isNo) no?.();
		return letter === "y" || isNo;
	}

	/** The rows to draw. They offer an answer only once one counts. */
	view(columns: number, maxRows: number, now: number): Block {
		const text = `${this.#question.text}${this.wait(now) === 0 ? " [y/n]" : ""} `;
		return layOut("", text, text.length, columns, maxRows);
	}
}

const isCancel = (key: Key): boolean =>
	key.type === "key" && ["escape", "ctrl-c", "ctrl-g"].includes(key.name);
