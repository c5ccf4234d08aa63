import type { Question } from "../terminal/confirmation.ts";
import type { Ui } from "./ui.ts";
import type { Recipient, Visits } from "./visits.ts";

interface OpenQuestionOptions {
	readonly ui: () => Pick<Ui, "ask" | "withdraw">;
	readonly visits: Visits;
	readonly note: (text: string) => void;
}

/** The question that the user has not answered yet. What happens in the room may take it back. */
export class OpenQuestion {
	readonly #options: OpenQuestionOptions;
	#open: { readonly question: Question; readonly about: Recipient | undefined } | undefined;

	constructor(options: OpenQuestionOptions) {
		this.#options = options;
	}

	/** Asks about something that cannot be undone; `about` is the member whom it concerns. */
	ask({ text, yes, no }: Required<Question>, about?: Recipient): void {
		const answered = (action: () => void) => (): void => {
			this.#open = undefined;
			action();
		};
		const question = { text, yes: answered(yes), no: answered(no) };
		this.#open = { question, about };
		this.#options.ui().ask(question);
	}

	/** Members may have left: takes back a question about one who has. */
	check(): void {
		const about = this.#open?.about;
		if (!about || this.#options.visits.has(about)) return;
		this.#options.note(`${about.name} has left, so you need not answer any more.`);
		this.withdraw();
	}

	/** Takes the question back, if there is one: that is a no. */
	withdraw(): void {
		if (this.#open) this.#options.ui().withdraw(this.#open.question);
	}
}
