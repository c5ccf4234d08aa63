import { Editor } from "../editor/line-editor.ts";
import type { Key } from "../keyboard/key-decoder.ts";
import { AnswerRest } from "./answer-rest.ts";
import { Confirmation, type Question } from "./confirmation.ts";
import type { Block } from "./layout.ts";

/** A question in the place of the line being typed, and what is typed ahead of its answer. */
export class QuestionLine {
	#asked: Confirmation | undefined;
	readonly #rest = new AnswerRest();
	/** Apart from the line, which the answer may change. */
	readonly #ahead = new Editor();

	get isOpen(): boolean {
		return this.#asked !== undefined;
	}

	/** Milliseconds until `view` changes by itself; 0 if it does not. `now` is monotonic here and below. */
	viewChangesIn(now: number): number {
		return this.#asked?.wait(now) ?? 0;
	}

	ask(question: Question, now: number): void {
		this.#asked = new Confirmation(question, now);
	}

	/** What is left of a key that may belong to the answer given last; null if it does. */
	withoutRest(key: Key, now: number): Key | null {
		return this.#rest.press(key, now);
	}

	/** Answers the open question, if the key does. */
	press(key: Key, now: number): void {
		const asked = this.#asked;
		if (!asked) return;
		if (asked.isEarly(key, now)) return this.#typeAhead(key);
		const answer = asked.answerOf(key);
		if (answer === null) return;
		if (key.type === "text") this.#rest.begin(answer, key.text, this.#ahead.text !== "", now);
		this.#end(asked, answer);
	}

	/** Takes the open question back, which is a no; only this one, if one is given. */
	withdraw(question?: Question): void {
		const asked = this.#asked;
		if (asked && (question ?? asked.question) === asked.question) this.#end(asked, "no");
	}

	#end(asked: Confirmation, answer: "yes" | "no"): void {
		// First: the answer may lead to another question.
		this.#asked = undefined;
		asked.question[answer]?.();
	}

	/** What was typed ahead, for the line; "" as long as a question is open. */
	takeAhead(): string {
		return this.isOpen ? "" : this.#ahead.take(false);
	}

	/** Enter sends nothing that nobody has looked at: it begins another line. */
	#typeAhead(key: Key): void {
		const ahead = this.#ahead;
		if (key.type === "text") ahead.type(key.text);
		else if (key.type === "paste") ahead.insert(key.text);
		else if (key.type === "key" && key.name === "backspace") ahead.press("backspace");
		else if (key.type === "key" && key.name === "enter" && ahead.text !== "") ahead.insert("\n");
	}

	/** The rows to draw; null if nothing is asked. */
	view(columns: number, maxRows: number, now: number): Block | null {
		return this.#asked?.view(columns, maxRows, now) ?? null;
	}
}
