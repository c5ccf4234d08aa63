import { isBlank } from "../../util/invisible.ts";
import { Completer, type Completions } from "../editor/completer.ts";
import { HistorySearch } from "../editor/history-search.ts";
import { Editor } from "../editor/line-editor.ts";
import type { Key, KeyName } from "../keyboard/key-decoder.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import type { Question } from "./confirmation.ts";
import { pasteQuestion } from "./large-paste.ts";
import { type Block, layOut } from "./layout.ts";
import { LineHold } from "./line-hold.ts";
import { QuestionLine } from "./question-line.ts";
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

/** Rows that the line being typed takes at most; fewer on a small screen. */
const MAX_ROWS = 8;
/** Columns kept free for typing, however long the prompt is. */
const MIN_TYPING_COLUMNS = 10;

/** Keys that take the line that Ctrl-R has found, besides those of the editor. */
const TAKING_KEYS: ReadonlySet<KeyName> = new Set<KeyName>([
	...(["enter", "alt-enter", "tab", "shift-tab", "ctrl-d"] as const),
]);

interface PromptOptions {
	readonly editor: Editor;
	readonly style: Style;
	/** The recipient of the line being typed. */
	readonly destination: (text: string) => { isPrivate: boolean; label: string };
	/** What a line would send, without the name of its command and of whom it is for. */
	readonly messageOf: (line: string) => string;
	/** For the text before the cursor. */
	readonly completions: (before: string) => Completions;
	/** Whether no history may keep the line. */
	readonly isSecret: (text: string) => boolean;
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
	readonly #question = new QuestionLine();
	#search: HistorySearch | undefined;
	readonly #hold = new LineHold();
	readonly #completer: Completer;

	constructor(options: PromptOptions) {
		this.#options = options;
		this.#completer = new Completer(options.editor, options.completions);
	}

	/** Puts a line that was not sent back where it was typed, unless another has been begun. */
	giveBack(text: string): void {
		const { editor } = this.#options;
		if (editor.text !== "") return;
		editor.set(text);
		this.#hold.giveBack();
	}

	/** Asks in the place of the line, which is there again after the answer. */
	ask(question: Question): void {
		this.#question.ask(question, this.#options.now());
	}

	/** Takes back the question that is open, or only this one: that is a no. Returns what to tell. */
	withdraw(question?: Question): string | null {
		return this.#afterAnswer(() => this.#question.withdraw(question));
	}

	/** Milliseconds until `view` changes by itself; 0 if it does not. */
	get viewChangesIn(): number {
		return this.#question.viewChangesIn(this.#options.now());
	}

	press(key: Key): InputAction {
		const now = this.#options.now();
		const own = this.#question.withoutRest(key, now);
		return own && this.#pressed(own, now);
	}

	#pressed(key: Key, now: number): InputAction {
		const mayBePasted = this.#hold.press(now);
		if (mayBePasted && key.type !== "key") return this.#keepBelow(key);
		if (key.type === "invalid") return noteOf(this.#hold.leaveOut());
		if (key.type === "key" && key.name === "ctrl-z") return { type: "suspend" };
		if (this.#question.isOpen) {
			return noteOf(this.#afterAnswer(() => this.#question.press(key, now)));
		}
		if (this.#search) return this.#searchOn(this.#search, key);
		if (key.type === "key" && (key.name === "tab" || key.name === "shift-tab")) {
			this.#completer.step(key.name === "tab" ? 1 : -1);
			return null;
		}
		this.#completer.end();
		if (key.type !== "key" || key.name !== "enter") this.#hold.look();
		const { editor } = this.#options;
		if (key.type === "text") editor.type(key.text);
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
				this.#hold.release();
				return { type: "note", text: "Line cleared. Press Ctrl-C again to leave." };
			case "ctrl-d":
				if (editor.text === "") return { type: "leave", key: "Ctrl-D" };
				editor.press("delete");
				return null;
			case "ctrl-l":
				return { type: "clear" };
			case "ctrl-r":
				this.#search = new HistorySearch(editor.history);
				return null;
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
		if (!this.#hold.isFree) return noteOf(this.#hold.refuse());
		if (isBlank(editor.text)) return null;
		const isKept = !this.#options.isSecret(editor.text);
		return { type: "submit", text: editor.take(isKept).trimEnd() };
	}

	/** A paste may come as if it were typed, a line after the other. */
	#keepBelow(key: Exclude<Key, { type: "key" }>): InputAction {
		const note = noteOf(this.#hold.keepBelow());
		this.#options.editor.insert("\n");
		const action = this.press(key);
		return note ?? action;
	}

	#paste({ text, cut }: Extract<Key, { type: "paste" }>): InputAction {
		const { editor, messageOf } = this.#options;
		const { text: line, cursor } = editor;
		const pasted = line.slice(0, cursor) + text + line.slice(cursor);
		const question = pasteQuestion(text, messageOf(pasted.trimEnd()));
		const insert = (): void => editor.insert(text);
		// As an edit, so that Ctrl-_ brings the paste after all.
		const leaveOut = (): void => {
			insert();
			editor.set(line, cursor);
		};
		if (question === null) insert();
		else this.ask({ text: question, yes: insert, no: leaveOut });
		return cut ? { type: "note", text: "The paste was too long, so its end is missing." } : null;
	}

	/** As in readline, but Escape goes back, and Enter only takes the line: it shows whom it is for then. */
	#searchOn(search: HistorySearch, key: Exclude<Key, { type: "invalid" }>): InputAction {
		if (key.type !== "key") search.type(key.text);
		else if (key.name === "ctrl-r") search.older();
		else if (key.name === "backspace") search.erase();
		else if (key.name === "ctrl-l") return { type: "clear" };
		else if (["escape", "ctrl-g", "ctrl-c"].includes(key.name)) this.#search = undefined;
		else if (TAKING_KEYS.has(key.name) || Editor.knows(key.name)) {
			this.#search = undefined;
			if (search.line !== undefined) this.#options.editor.set(search.line);
			if (key.name !== "enter") return this.press(key);
		}
		return null;
	}

	/** Puts what was typed ahead of the answer on the line, or below the one that the answer brought back. */
	#afterAnswer(answer: () => void): string | null {
		const wasFree = this.#hold.isFree;
		answer();
		const ahead = this.#question.takeAhead();
		if (ahead === "") return null;
		const isBelow = wasFree && !this.#hold.isFree;
		this.#options.editor.insert(isBelow ? `\n${ahead}` : ahead);
		return isBelow ? this.#hold.keepBelow() : null;
	}

	/** The rows to draw: either a question, or the line itself below what Tab offers. */
	view(columns: number, rows: number): Block {
		const { editor, style, destination } = this.#options;
		const maxRows = Math.max(1, Math.min(MAX_ROWS, rows - 1));
		const question = this.#question.view(columns, maxRows, this.#options.now());
		if (question) return question;
		if (this.#search) return searchView(this.#search, style, columns, maxRows);
		const { isPrivate, label } = destination(editor.text);
		const short = shorten(label, Math.max(8, columns - MIN_TYPING_COLUMNS));
		const prompt = isPrivate ? `${style.inverse(` ${short} `)}> ` : style.dim(`${short}> `);
		const line = layOut(prompt, editor.text, editor.cursor, columns, maxRows);
		const offer = line.rows.length < rows ? this.#completer.offer.slice(0, columns - 1) : "";
		if (offer === "") return line;
		return { ...line, rows: [style.dim(offer), ...line.rows], cursorRow: line.cursorRow + 1 };
	}
}

const noteOf = (text: string | null): InputAction =>
	text === null ? null : { type: "note", text };

function searchView(search: HistorySearch, style: Style, columns: number, maxRows: number): Block {
	const { query, line = "", place, isFound } = search;
	const label = `${isFound ? "search" : "not found"}: ${sanitizeLine(query)}`;
	const short = shorten(label, Math.max(8, columns - MIN_TYPING_COLUMNS));
	return layOut(style.dim(`${short}> `), line, place, columns, maxRows);
}

/** Keeps the end of a label as well as its beginning: in "to NAME only", "only" matters most. */
const shorten = (label: string, maxLength: number): string =>
	label.length <= maxLength ? label : `${label.slice(0, maxLength - 6)}…${label.slice(-5)}`;
