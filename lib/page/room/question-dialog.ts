import { type Question, READ_TIME } from "../../client/terminal/confirmation.ts";
import { sanitize } from "../../client/util/sanitize.ts";
import { byId } from "../elements.ts";

/** A question in front of everything else, which only a yes that was meant answers with yes. */
export class QuestionDialog {
	readonly #dialog = byId("question", HTMLDialogElement);
	readonly #yes = byId("question-yes", HTMLButtonElement);
	#asked: Question | undefined;

	constructor() {
		this.#dialog.onclose = () => this.#answer(this.#dialog.returnValue === "yes");
	}

	ask(question: Question): void {
		if (this.#asked) this.#answer(false);
		this.#asked = question;
		byId("question-text", HTMLElement).textContent = sanitize(question.text);
		this.#dialog.returnValue = "no";
		// What was typed ahead must not answer.
		this.#yes.disabled = true;
		setTimeout(() => {
			this.#yes.disabled = false;
		}, READ_TIME);
		if (!this.#dialog.open) this.#dialog.showModal();
		byId("question-no", HTMLElement).focus();
	}

	withdraw(question: Question): void {
		if (this.#asked === question) this.close();
	}

	close(): void {
		if (this.#dialog.open) this.#dialog.close("no");
		else this.#answer(false);
	}

	#answer(isYes: boolean): void {
		const asked = this.#asked;
		this.#asked = undefined;
		if (isYes) asked?.yes();
		else asked?.no?.();
	}
}
