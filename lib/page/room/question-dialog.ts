import { type Question, READ_TIME } from "../../client/terminal/confirmation.ts";
import { sanitize } from "../../client/util/sanitize.ts";
import { byId } from "../util/elements.ts";

/** A question in front of everything else, which nothing answers that was typed or clicked before it could be read. */
export class QuestionDialog {
	readonly #dialog = byId("question", HTMLDialogElement);
	readonly #answered: () => void;
	#asked: Question | undefined;
	/** When the question appeared, or when the last key was pressed that was typed ahead. */
	#quietSince = 0;

	/** `answered` is called once no question is open any more. */
	constructor(answered: () => void) {
		this.#answered = answered;
		const dialog = this.#dialog;
		const answer = (isYes: boolean) => () => this.#isEarly() || this.#answer(isYes);
		byId("question-no", HTMLElement).onclick = answer(false);
		byId("question-yes", HTMLElement).onclick = answer(true);
		dialog.onkeydown = (event) => {
			// To go back is never too early.
			if (event.key === "Escape" || !this.#isEarly()) return;
			event.preventDefault();
			this.#quietSince = performance.now();
		};
		dialog.oncancel = (event) => {
			event.preventDefault();
			this.#answer(false);
		};
		// A browser may close it without asking.
		dialog.onclose = () => {
			if (!dialog.open) this.#answer(false);
		};
	}

	ask(question: Question): void {
		this.#end(this.#asked?.no);
		this.#asked = question;
		this.#quietSince = performance.now();
		byId("question-text", HTMLElement).textContent = sanitize(question.text);
		this.#dialog.showModal();
		byId("question-no", HTMLElement).focus();
	}

	withdraw(question: Question): void {
		if (this.#asked === question) this.#answer(false);
	}

	close(): void {
		this.#answer(false);
	}

	#isEarly(): boolean {
		return performance.now() - this.#quietSince < READ_TIME;
	}

	#answer(isYes: boolean): void {
		if (!this.#asked) return;
		this.#end(isYes ? this.#asked.yes : this.#asked.no);
		if (!this.#asked) this.#answered();
	}

	/** The answer may ask the next question. */
	#end(answer: (() => void) | undefined): void {
		this.#asked = undefined;
		this.#dialog.close();
		answer?.();
	}
}
