import type { Key } from "../keyboard/key-decoder.ts";
import { type Block, FURTHER_ROW, layOut, widthOf } from "./layout.ts";
import { rowsOf } from "./wrap.ts";

/** A question to the user, whom only a yes makes go on. */
export interface Question {
	/** What a yes does and to whom, in sentences. */
	readonly text: string;
	readonly yes: () => void;
	readonly no?: () => void;
}

/**
 * Milliseconds without a key after which the user has seen a question. What comes sooner was typed
 * ahead, and answers nothing.
 */
export const READ_TIME = 500;

const ANSWERS = ["yes", "no"] as const;

/** A question, and when a key can answer it. */
export class Confirmation {
	readonly question: Question;
	/** When the question appeared, or when the last key was pressed that was typed ahead. */
	#quietSince: number;

	/** `now` here and below is in monotonic milliseconds. */
	constructor(question: Question, now: number) {
		this.question = question;
		this.#quietSince = now;
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

	/** What the key answers: a letter does, and the word that was typed at once; null for any other. */
	answerOf(key: Key): "yes" | "no" | null {
		if (isCancel(key)) return "no";
		const typed = key.type === "text" ? key.text.toLowerCase() : "";
		if (typed === "") return null;
		return ANSWERS.find((word) => word.startsWith(typed)) ?? null;
	}

	/** The rows to draw. They offer an answer only once one counts. */
	view(columns: number, maxRows: number, now: number): Block {
		const text = `${this.question.text}${this.wait(now) === 0 ? " [y/n]" : ""} `;
		const broken = brokenAtWords(text, columns);
		return layOut("", broken, broken.length, columns, maxRows);
	}
}

/** Only a word that no row can hold, such as a long address, is broken. */
function brokenAtWords(text: string, columns: number): string {
	const further = widthOf(FURTHER_ROW);
	const longest = Math.max(1, columns - 1 - further);
	const pieces = text.replaceAll(RegExp(`\\S{${longest}}(?=\\S)`, "gu"), "$&\n").split("\n");
	return pieces
		.flatMap((piece, index) =>
			rowsOf(piece, columns, index && further, further).map(([start, end]) =>
				piece.slice(start, end),
			),
		)
		.join("\n");
}

const isCancel = (key: Key): boolean =>
	key.type === "key" && ["escape", "ctrl-c", "ctrl-g"].includes(key.name);
