import type { Editor } from "./line-editor.ts";

/** What the word before the cursor may become. */
export interface Completions {
	/** Where the word begins, a UTF-16 index. */
	readonly start: number;
	/** Each with the blank that follows it. */
	readonly words: readonly string[];
	/** Whether to show them before anybody asks: for a command or an @name. */
	readonly isOffered: boolean;
}

/** Goes through what the word before the cursor may become. */
export class Completer {
	readonly #editor: Editor;
	readonly #completions: (before: string) => Completions;
	/** What Tab goes through, and which of the words it shows. */
	#current: (Completions & { index: number }) | undefined;

	/** `completions` is for the text before the cursor. */
	constructor(editor: Editor, completions: (before: string) => Completions) {
		this.#editor = editor;
		this.#completions = completions;
	}

	/** Puts in the next word, or with -1 the one before. */
	step(by: 1 | -1): void {
		const editor = this.#editor;
		this.#current ??= { ...this.#found(), index: by > 0 ? -1 : 0 };
		const { start, words } = this.#current;
		if (words.length === 0) return;
		this.#current.index = (this.#current.index + by + words.length) % words.length;
		const word = words[this.#current.index] ?? "";
		const after = editor.text.slice(editor.cursor);
		editor.set(`${editor.text.slice(0, start)}${word}${after}`, start + word.length);
	}

	/** Another key than Tab was pressed. */
	end(): void {
		this.#current = undefined;
	}

	/** What Tab would make of the command or the @name being typed; "" if neither is. */
	get offer(): string {
		const found = this.#current ?? this.#found();
		return found.isOffered && found.words.length > 0 ? `Tab: ${found.words.join(" ")}` : "";
	}

	#found(): Completions {
		return this.#completions(this.#editor.text.slice(0, this.#editor.cursor));
	}
}
