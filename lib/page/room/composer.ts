import { byId } from "../elements.ts";

interface ComposerOptions {
	/** Called with each text that the user sends. */
	readonly submit: (text: string) => void;
	/** Where a text goes, as the user reads it while typing. */
	readonly destination: (text: string) => { readonly label: string; readonly isPrivate: boolean };
	/** Called whenever the text changes. */
	readonly changed: (text: string) => void;
}

/** Where the user types. Enter sends, with Shift it begins a new line. */
export class Composer {
	readonly #input = byId("composer-text", HTMLTextAreaElement);
	readonly #form = byId("composer", HTMLFormElement);
	readonly #destination = byId("composer-destination", HTMLElement);
	readonly #options: ComposerOptions;

	constructor(options: ComposerOptions, draft: string) {
		this.#options = options;
		this.text = draft;
		this.#input.oninput = () => this.update();
		this.#input.onkeydown = (event) => {
			// An Enter that ends the choice of a character sends nothing.
			if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
			event.preventDefault();
			this.#form.requestSubmit();
		};
		this.#form.onsubmit = (event) => {
			event.preventDefault();
			const { text } = this;
			if (text.trim() === "") return;
			this.text = "";
			options.submit(text);
		};
	}

	get text(): string {
		return this.#input.value;
	}

	set text(text: string) {
		this.#input.value = text;
		this.update();
	}

	focus(): void {
		this.#input.focus();
	}

	/** Shows anew where the text goes, and makes room for all of it. */
	update(): void {
		const { label, isPrivate } = this.#options.destination(this.text);
		this.#destination.textContent = label;
		this.#form.classList.toggle("private", isPrivate);
		this.#input.style.height = "auto";
		this.#input.style.height = `${this.#input.scrollHeight}px`;
		this.#options.changed(this.text);
	}
}
