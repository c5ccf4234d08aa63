import { InputHistory } from "../../client/editor/input-history.ts";

/** Lines that can be entered again. */
const MAX_LINES = 100;

/** What the user has entered on this page: in an empty field, the arrow keys bring it back. */
export class EnteredLines {
	readonly #input: HTMLTextAreaElement;
	readonly #changed: () => void;
	readonly #history = new InputHistory(MAX_LINES);
	/** The entered line that is shown, as long as nobody has changed it. */
	#shown: string | undefined;

	/** `changed` is called when a line was put in. */
	constructor(input: HTMLTextAreaElement, changed: () => void) {
		this.#input = input;
		this.#changed = changed;
	}

	add(line: string): void {
		this.#history.add(line);
		this.#shown = undefined;
	}

	/** Whether the key was for the history. */
	press({ key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
		const text = this.#input.value;
		if (shiftKey || ctrlKey || altKey || metaKey) return false;
		if (text !== "" && text !== this.#shown) return false;
		const now = { text, cursor: text.length, undo: undefined };
		if (key !== "ArrowUp" && key !== "ArrowDown") return false;
		const found = key === "ArrowUp" ? this.#history.older(now) : this.#history.newer(now);
		if (!found) return false;
		this.#shown = found.text;
		this.#input.value = found.text;
		this.#changed();
		return true;
	}
}
