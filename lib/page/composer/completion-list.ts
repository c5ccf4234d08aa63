import type { Completions } from "../../client/editor/completer.ts";
import { sanitizeLine } from "../../client/util/sanitize.ts";
import { byId, create } from "../util/elements.ts";

/** What the word before the cursor may become, as a list below the field: the pattern of a combobox. */
export class CompletionList {
	readonly #input: HTMLTextAreaElement;
	readonly #completions: (before: string) => Completions;
	readonly #changed: () => void;
	readonly #list = byId("completions", HTMLElement);
	#found: Completions | undefined;
	/** The word that Enter puts in; -1 if none was chosen. */
	#index = -1;

	/** `changed` is called when a word was put in. */
	constructor(
		input: HTMLTextAreaElement,
		completions: (before: string) => Completions,
		changed: () => void,
	) {
		this.#input = input;
		this.#completions = completions;
		this.#changed = changed;
		this.close();
	}

	/** The text has changed: shows what it offers by itself. */
	update(): void {
		const found = this.#find();
		if (!found.isOffered || found.words.length === 0) return this.close();
		if (JSON.stringify(found) !== JSON.stringify(this.#found)) this.#open(found, -1);
	}

	/** Whether the key was for the list. */
	press({ key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
		if (shiftKey || ctrlKey || altKey || metaKey) return false;
		if (!this.#found) return key === "Tab" && this.#complete();
		const { length } = this.#found.words;
		switch (key) {
			case "ArrowDown":
				return this.#choose((this.#index + 1) % length);
			case "ArrowUp":
				return this.#choose((Math.max(this.#index, 0) - 1 + length) % length);
			case "Tab":
				return this.#accept(Math.max(this.#index, 0));
			case "Enter":
				return this.#index >= 0 && this.#accept(this.#index);
			case "Escape":
				this.close();
				return true;
			default:
				return false;
		}
	}

	close(): void {
		this.#found = undefined;
		this.#list.hidden = true;
		this.#list.replaceChildren();
		// Without a list it is a field like any other.
		const { attributes } = this.#input;
		for (const name of ["role", "aria-expanded", "aria-controls", "aria-activedescendant"]) {
			if (attributes.getNamedItem(name)) this.#input.removeAttribute(name);
		}
	}

	/** Where there is nothing to complete, Tab goes to the next control. */
	#complete(): boolean {
		const found = this.#find();
		if (found.words.length === 0) return false;
		this.#open(found, 0);
		return found.words.length > 1 || this.#accept(0);
	}

	#find(): Completions {
		return this.#completions(this.#input.value.slice(0, this.#input.selectionStart));
	}

	#open(found: Completions, index: number): void {
		this.#found = found;
		const rows = found.words.map((word, at) => {
			const row = create("div", "", sanitizeLine(word.trim()));
			row.role = "option";
			row.id = `completion-${at}`;
			// The field keeps the keyboard.
			row.onpointerdown = (event) => event.preventDefault();
			row.onclick = () => this.#accept(at);
			return row;
		});
		this.#list.replaceChildren(...rows);
		this.#list.hidden = false;
		this.#input.role = "combobox";
		this.#input.ariaExpanded = "true";
		this.#input.ariaAutoComplete = "list";
		this.#input.setAttribute("aria-controls", this.#list.id);
		this.#choose(index);
	}

	#choose(index: number): true {
		this.#index = index;
		for (const [at, row] of [...this.#list.children].entries()) {
			row.ariaSelected = String(at === index);
			if (at === index) row.scrollIntoView({ block: "nearest" });
		}
		if (index >= 0) this.#input.setAttribute("aria-activedescendant", `completion-${index}`);
		else this.#input.removeAttribute("aria-activedescendant");
		return true;
	}

	#accept(index: number): true {
		const { start = 0, words = [] } = this.#found ?? {};
		this.close();
		this.#input.setRangeText(words[index] ?? "", start, this.#input.selectionStart, "end");
		this.#changed();
		return true;
	}
}
