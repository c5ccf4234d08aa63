import { isBlank } from "../../util/invisible.ts";
import { count } from "../util/count.ts";
import type { Key } from "./key-decoder.ts";
import { type Block, layOut } from "./layout.ts";
import type { Editor } from "./line-editor.ts";
import type { Style } from "./style.ts";

/** What the caller must do after a key; null if nothing. */
export type InputAction =
	| { type: "submit"; text: string }
	/** Enter, while the line is held. */
	| { type: "proceed" }
	| { type: "leave"; key: string }
	| { type: "note"; text: string }
	| { type: "clear" }
	| { type: "suspend" }
	| null;

/** A paste with more lines or characters than these must be confirmed. */
const LARGE_PASTE_LINES = 20;
const LARGE_PASTE_CHARACTERS = 4000;
/** Rows that the line being typed takes at most; fewer on a small screen. */
const MAX_ROWS = 8;
/** Columns kept free for typing, however long the prompt is. */
const MIN_TYPING_COLUMNS = 10;

const NOT_UTF8 =
	"What is not UTF-8 was left out of what you typed or pasted. Set your terminal to UTF-8.";
const NOT_SENT = "Not sent: what is not UTF-8 is missing from this line. Correct it, or clear it.";
const HELD = "What came right after that line is kept below it, and not sent either.";
/** Milliseconds after a key in which nobody has read what it led to: what follows may be a paste. */
const UNREAD_TIME = 1000;

/** What the word before the cursor may become. */
export interface Completions {
	/** Where the word begins, a UTF-16 index. */
	readonly start: number;
	/** Each with the blank that follows it. */
	readonly words: readonly string[];
	/** Whether to show them before anybody asks: for a command or an @name. */
	readonly isOffered: boolean;
}

interface PromptOptions {
	readonly editor: Editor;
	readonly style: Style;
	/** The recipient of the line being typed. */
	readonly destination: (text: string) => { isPrivate: boolean; label: string };
	/** For the text before the cursor. */
	readonly completions: (before: string) => Completions;
	/** Monotonic milliseconds. */
	readonly now: () => number;
}

/**
 * The line being typed: it turns keys into actions, and gives the rows to draw. Knows neither the
 * room nor the terminal.
 */
export class Prompt {
	/** Whether Enter sends nothing, because it is for something else. */
	isHeld = false;
	readonly #options: PromptOptions;
	/** A large paste that the user has to confirm. */
	#pasted: string | undefined;
	/**
	 * Whether something was left out of the line. The user may not have seen that when they press
	 * Enter, so it is refused, until they press another key after that.
	 */
	#mangled: "no" | "unseen" | "refused" = "no";
	/** What the user has been told of that since they last had the time to read. */
	#told: "nothing" | "refused" | "held" = "nothing";
	#pressedAt = Number.NEGATIVE_INFINITY;
	/** What Tab goes through, and which of the words it shows. */
	#completion: (Completions & { index: number }) | undefined;

	constructor(options: PromptOptions) {
		this.#options = options;
	}

	press(key: Key): InputAction {
		const now = this.#options.now();
		const isUnread = now - this.#pressedAt < UNREAD_TIME;
		this.#pressedAt = now;
		if (!isUnread) this.#told = "nothing";
		if (isUnread && this.#mangled === "refused" && key.type !== "key") return this.#hold(key);
		if (key.type === "invalid") return this.#leaveOut();
		if (key.type === "key" && key.name === "ctrl-z") return { type: "suspend" };
		if (this.#pasted !== undefined) return this.#answer(key);
		if (key.type === "key" && (key.name === "tab" || key.name === "shift-tab")) {
			this.#complete(key.name === "tab" ? 1 : -1);
			return null;
		}
		this.#completion = undefined;
		const isEnter = key.type === "key" && key.name === "enter";
		if (this.#mangled === "refused" && !isEnter) this.#trust();
		const { editor } = this.#options;
		if (key.type === "text") editor.insert(key.text);
		else if (key.type === "paste") return this.#paste(key);
		else return this.#press(key.name);
		return null;
	}

	#press(name: Extract<Key, { type: "key" }>["name"]): InputAction {
		const { editor } = this.#options;
		switch (name) {
			case "enter":
				return this.#enter();
			case "alt-enter":
				editor.insert("\n");
				return null;
			case "ctrl-c":
				if (editor.text === "") return { type: "leave", key: "Ctrl-C on an empty line" };
				editor.set("");
				this.#trust();
				return { type: "note", text: "Line cleared. Press Ctrl-C again to leave." };
			case "ctrl-d":
				if (editor.text === "") return { type: "leave", key: "Ctrl-D" };
				editor.press("delete");
				return null;
			case "ctrl-l":
				return { type: "clear" };
			default:
				editor.press(name);
				return null;
		}
	}

	/** A backslash before Enter begins another line. */
	#enter(): InputAction {
		if (this.isHeld) return { type: "proceed" };
		const { editor } = this.#options;
		if (editor.text.endsWith("\\") && editor.cursor === editor.text.length) {
			editor.press("backspace");
			editor.insert("\n");
			return null;
		}
		if (this.#mangled !== "no") {
			this.#mangled = "refused";
			if (this.#told !== "nothing") return null;
			this.#told = "refused";
			return { type: "note", text: NOT_SENT };
		}
		if (isBlank(editor.text)) return null;
		return { type: "submit", text: editor.take().trimEnd() };
	}

	/**
	 * A paste may come as if it were typed, a line after the other: the line after a refused one must
	 * not complete it, and it is not sent alone either, for it may need what came before.
	 */
	#hold(key: Exclude<Key, { type: "key" }>): InputAction {
		const isTold = this.#told === "held";
		this.#told = "held";
		this.#mangled = "unseen";
		this.#options.editor.insert("\n");
		const action = this.press(key);
		return isTold ? action : { type: "note", text: HELD };
	}

	/** The user has seen what is missing from the line, or cleared it. */
	#trust(): void {
		this.#mangled = "no";
		this.#told = "nothing";
	}

	/** Says so once a line: there may be thousands of such bytes. */
	#leaveOut(): InputAction {
		const isNew = this.#mangled !== "unseen";
		this.#mangled = "unseen";
		return isNew ? { type: "note", text: NOT_UTF8 } : null;
	}

	#paste({ text, cut }: Extract<Key, { type: "paste" }>): InputAction {
		const isLarge = text.length > LARGE_PASTE_CHARACTERS || lineCount(text) > LARGE_PASTE_LINES;
		if (isLarge) this.#pasted = text;
		else this.#options.editor.insert(text);
		return cut ? { type: "note", text: "The paste was too long, so its end is missing." } : null;
	}

	#answer(key: Key): InputAction {
		const isText = key.type === "text";
		const yes = (isText && /^y$/i.test(key.text)) || (key.type === "key" && key.name === "enter");
		const no =
			(isText && /^n$/i.test(key.text)) ||
			(key.type === "key" && (key.name === "escape" || key.name === "ctrl-c"));
		if (yes && this.#pasted !== undefined) this.#options.editor.insert(this.#pasted);
		if (yes || no) this.#pasted = undefined;
		return null;
	}

	#complete(step: number): void {
		const { editor, completions } = this.#options;
		if (!this.#completion) {
			const found = completions(editor.text.slice(0, editor.cursor));
			this.#completion = { ...found, index: step > 0 ? -1 : 0 };
		}
		const { start, words } = this.#completion;
		if (words.length === 0) return;
		this.#completion.index = (this.#completion.index + step + words.length) % words.length;
		const word = words[this.#completion.index] ?? "";
		const after = editor.text.slice(editor.cursor);
		editor.set(`${editor.text.slice(0, start)}${word}${after}`, start + word.length);
	}

	/** The rows to draw: either a question, or the line itself below what Tab offers. */
	view(columns: number, rows: number): Block {
		const { editor, style, destination } = this.#options;
		if (this.#pasted !== undefined) {
			const lines = count(lineCount(this.#pasted), "line");
			const characters = count(this.#pasted.length, "character");
			const row = `Paste ${lines}, ${characters}? [y/n] `.slice(0, columns - 1);
			return { rows: [row], cursorRow: 0, beforeCursor: row };
		}
		const { isPrivate, label } = destination(editor.text);
		const short = shorten(label, Math.max(8, columns - MIN_TYPING_COLUMNS));
		const prompt = isPrivate ? `${style.inverse(` ${short} `)}> ` : style.dim(`${short}> `);
		const maxRows = Math.max(1, Math.min(MAX_ROWS, rows - 1));
		const line = layOut(prompt, editor.text, editor.cursor, columns, maxRows);
		const offer = line.rows.length < rows ? this.#offer(columns) : "";
		if (offer === "") return line;
		return { ...line, rows: [style.dim(offer), ...line.rows], cursorRow: line.cursorRow + 1 };
	}

	/** What Tab would make of the command or the @name being typed; "" if neither is. */
	#offer(columns: number): string {
		const { editor, completions } = this.#options;
		const found = this.#completion ?? completions(editor.text.slice(0, editor.cursor));
		if (!found.isOffered || found.words.length === 0) return "";
		return `Tab: ${found.words.join(" ")}`.slice(0, columns - 1);
	}
}

const lineCount = (text: string): number => text.split("\n").length;

/** Keeps the end of a label as well as its beginning: in "to NAME only", "only" matters most. */
const shorten = (label: string, maxLength: number): string =>
	label.length <= maxLength ? label : `${label.slice(0, maxLength - 6)}…${label.slice(-5)}`;
