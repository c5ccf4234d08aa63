import { byId } from "../util/elements.ts";

/** An input with a label, and a place for what is wrong with what was typed. */
export class FormField {
	readonly input: HTMLInputElement;
	readonly #fault: HTMLElement;
	readonly #label: HTMLElement;

	constructor(name: string) {
		this.input = byId(`login-${name}`, HTMLInputElement);
		this.#fault = byId(`login-${name}-fault`, HTMLElement);
		this.#label = byId(`login-${name}-label`, HTMLElement);
	}

	set label(label: string) {
		this.#label.textContent = label;
	}

	get isFaulty(): boolean {
		return this.#fault.textContent !== "";
	}

	/** Shows what is wrong, if anything is. Returns whether nothing is. */
	fault(sentence: string | null): boolean {
		// A screen reader reads it with a field that gets the focus, but not with one that has it.
		this.#fault.ariaLive = document.activeElement === this.input ? "assertive" : "off";
		this.#fault.textContent = sentence;
		this.input.ariaInvalid = String(sentence !== null);
		return sentence === null;
	}

	/** The next key replaces what was wrong, and goes on with anything else. */
	focus(): void {
		this.input.focus();
		if (this.isFaulty) this.input.select();
	}
}
