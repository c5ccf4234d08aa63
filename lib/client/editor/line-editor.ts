import type { KeyName } from "../keyboard/key-names.ts";
import {
	above,
	after,
	before,
	below,
	ceil,
	DELETIONS,
	floor,
	KILLS,
	lineEnd,
	lineStart,
	MOTIONS,
	type Motions,
} from "./cursor-motions.ts";
import { type Draft, InputHistory } from "./input-history.ts";
import { type EditKind, UndoList } from "./undo-list.ts";

/** UTF-16 code units of a text. A message may have fewer, but we say so only on sending. */
const TEXT_LIMIT = 64 * 1024;
const HISTORY_LIMIT = 500;
/** Neither motions nor deletions. */
const OTHER_KEYS: ReadonlySet<KeyName> = new Set<KeyName>([
	...(["up", "down", "ctrl-p", "ctrl-n", "ctrl-y", "ctrl-t", "ctrl-_"] as const),
]);

/**
 * The text being typed, of one or more lines, edited with the keys of a shell's line editor. Knows
 * neither the terminal nor the time. Texts given to it must not have control characters except
 * newline and tab. Written by hand: the runtime's readline draws the screen itself, and edits one line.
 */
export class Editor {
	readonly #limit: number;
	readonly #history: InputHistory;
	#undo = new UndoList();
	#text = "";
	#cursor = 0;
	#killed = "";
	/** Whether the last key was a kill: Ctrl-Y brings consecutive kills back as one. */
	#wasKill = false;

	/**
	 * `limit` is the number of UTF-16 code units that the text may have; the rest is dropped. `earlier`
	 * are the texts of earlier runs, the oldest first.
	 */
	constructor(limit = TEXT_LIMIT, earlier: readonly string[] = []) {
		this.#limit = limit;
		this.#history = new InputHistory(HISTORY_LIMIT, earlier);
	}

	/** The texts taken before, the oldest first. */
	get history(): readonly string[] {
		return this.#history.entries;
	}

	get text(): string {
		return this.#text;
	}

	/** A UTF-16 index, always at a grapheme boundary. */
	get cursor(): number {
		return this.#cursor;
	}

	/** Inserts what was typed, which is undone with what was typed just before it. */
	type(text: string): void {
		this.#wasKill = false;
		this.#replace(this.#cursor, this.#cursor, text, "typing");
	}

	insert(text: string): void {
		this.#wasKill = false;
		this.#replace(this.#cursor, this.#cursor, text);
	}

	/** Replaces the whole text. A cursor inside a grapheme moves to its end. */
	set(text: string, cursor = text.length): void {
		this.#wasKill = false;
		this.#replace(0, this.#text.length, text);
		this.#cursor = ceil(this.#text, Math.min(cursor, this.#text.length));
		if (text === "") this.#history.reset();
	}

	/** Returns the finished text, adds it to the history if it `isKept`, and begins a new one. */
	take(isKept = true): string {
		const text = this.#text;
		if (isKept) this.#history.add(text);
		this.set("");
		this.#undo = new UndoList();
		return text;
	}

	/** Whether the key means anything to the editor. */
	static knows(name: KeyName): boolean {
		return [MOTIONS, DELETIONS, KILLS].some((table) => name in table) || OTHER_KEYS.has(name);
	}

	/** Does what the key means; false if it means nothing to the editor. */
	press(name: KeyName): boolean {
		const joins = this.#wasKill;
		this.#wasKill = false;
		const motion = (table: Motions): number | undefined => table[name]?.(this.#text, this.#cursor);

		const [target, reach, killed] = [motion(MOTIONS), motion(DELETIONS), motion(KILLS)];
		if (target !== undefined) this.#goTo(target);
		else if (reach !== undefined) this.#delete(reach, "deleting");
		else if (killed !== undefined) this.#kill(killed, joins);
		else return this.#edit(name);
		return true;
	}

	/** Handles the keys that are neither motions nor deletions. */
	#edit(name: KeyName): boolean {
		const here: Draft = { text: this.#text, cursor: this.#cursor, undo: this.#undo };
		switch (name) {
			case "up":
				this.#goTo(above(here.text, here.cursor) ?? this.#history.older(here));
				return true;
			case "down":
				this.#goTo(below(here.text, here.cursor) ?? this.#history.newer(here));
				return true;
			case "ctrl-p":
				this.#goTo(this.#history.older(here));
				return true;
			case "ctrl-n":
				this.#goTo(this.#history.newer(here));
				return true;
			case "ctrl-y":
				this.#replace(here.cursor, here.cursor, this.#killed);
				return true;
			case "ctrl-t":
				this.#transpose();
				return true;
			case "ctrl-_":
				this.#goBack();
				return true;
			default:
				return false;
		}
	}

	/** Goes to a position in this text, to another text, or nowhere. */
	#goTo(target: number | Draft | undefined): void {
		this.#undo.interrupt();
		if (typeof target === "number") this.#cursor = target;
		else if (target) {
			this.#text = target.text;
			this.#cursor = target.cursor;
			this.#undo = target.undo ?? new UndoList();
		}
	}

	/** Undoes the last edit of this text. */
	#goBack(): void {
		const state = this.#undo.undo();
		if (!state) return;
		this.#text = state.text;
		this.#cursor = state.cursor;
	}

	/** Deletes the text between the cursor and `reach`, and returns it. */
	#delete(reach: number, kind?: EditKind): string {
		const [start, end] = reach < this.#cursor ? [reach, this.#cursor] : [this.#cursor, reach];
		const deleted = this.#text.slice(start, end);
		this.#replace(start, end, "", kind);
		return deleted;
	}

	#kill(reach: number, joins: boolean): void {
		const isBackward = reach < this.#cursor;
		const text = this.#delete(reach);
		if (text === "") return;
		const kept = joins ? this.#killed : "";
		this.#killed = isBackward ? text + kept : kept + text;
		this.#wasKill = true;
	}

	/** Swaps the graphemes on both sides of the cursor, or the two before it at the end of a line. */
	#transpose(): void {
		const [text, cursor] = [this.#text, this.#cursor];
		const isAtEnd = cursor === lineEnd(text, cursor);
		const middle = isAtEnd ? before(text, cursor) : cursor;
		if (middle <= lineStart(text, cursor)) return;
		const [start, end] = [before(text, middle), after(text, middle)];
		this.#replace(start, end, text.slice(middle, end) + text.slice(start, middle));
	}

	/** Replaces a range with `text`, as much of it as there is room for. The cursor goes after it. */
	#replace(start: number, end: number, text: string, kind: EditKind = "other"): void {
		const isEdit = this.#text.slice(start, end) !== text;
		if (isEdit) this.#undo.record({ text: this.#text, cursor: this.#cursor }, kind, text);
		const room = this.#limit - this.#text.length + (end - start);
		const fitting = text.length <= room ? text : text.slice(0, floor(text, room));
		this.#text = this.#text.slice(0, start) + fitting + this.#text.slice(end);
		// The end of the new text may form one grapheme with what follows: 'e' before an accent.
		this.#cursor = ceil(this.#text, start + fitting.length);
	}
}
