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
import type { KeyName } from "./key-names.ts";

/** Code units a text may have. More than a message may have: that it is too long is said on sending. */
const TEXT_LIMIT = 64 * 1024;
const HISTORY_LIMIT = 500;

/**
 * The text being typed, of one or more lines, under the keys that a shell's line editor has. Knows
 * neither terminal nor clock. Texts given to it have no control characters but newline and tab.
 */
export class Editor {
	readonly #limit: number;
	readonly #history = new InputHistory(HISTORY_LIMIT);
	#text = "";
	#cursor = 0;
	#killed = "";
	/** Kills one right after the other come back as one. */
	#wasKill = false;

	/** `limit` is how many UTF-16 code units the text may have; what is beyond is not taken. */
	constructor(limit = TEXT_LIMIT) {
		this.#limit = limit;
	}

	get text(): string {
		return this.#text;
	}

	/** A UTF-16 index, always at a grapheme's edge. */
	get cursor(): number {
		return this.#cursor;
	}

	insert(text: string): void {
		this.#wasKill = false;
		this.#replace(this.#cursor, this.#cursor, text);
	}

	/** Another text, for completion. A cursor within a grapheme goes to its end. */
	set(text: string, cursor = text.length): void {
		this.#wasKill = false;
		this.#replace(0, this.#text.length, text);
		this.#cursor = ceil(this.#text, Math.min(cursor, this.#text.length));
		if (text === "") this.#history.reset();
	}

	/** The finished text, which goes into the history; a new one begins. */
	take(): string {
		const text = this.#text;
		this.#history.add(text);
		this.set("");
		return text;
	}

	/** Does what the key means; false if it means nothing to a line of text. */
	press(name: KeyName): boolean {
		const joins = this.#wasKill;
		this.#wasKill = false;
		const motion = (table: Motions): number | undefined => table[name]?.(this.#text, this.#cursor);

		const [target, reach, killed] = [motion(MOTIONS), motion(DELETIONS), motion(KILLS)];
		if (target !== undefined) this.#cursor = target;
		else if (reach !== undefined) this.#delete(reach);
		else if (killed !== undefined) this.#kill(killed, joins);
		else return this.#edit(name);
		return true;
	}

	/** The keys that are neither motions nor deletions. */
	#edit(name: KeyName): boolean {
		const here: Draft = { text: this.#text, cursor: this.#cursor };
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
			default:
				return false;
		}
	}

	/** To a place in this text, to another text, or nowhere. */
	#goTo(target: number | Draft | undefined): void {
		if (typeof target === "number") this.#cursor = target;
		else if (target) {
			this.#text = target.text;
			this.#cursor = target.cursor;
		}
	}

	/** Deletes between the cursor and `reach`; returns what was there. */
	#delete(reach: number): string {
		const [start, end] = reach < this.#cursor ? [reach, this.#cursor] : [this.#cursor, reach];
		const deleted = this.#text.slice(start, end);
		this.#replace(start, end, "");
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

	/** Swaps the graphemes on both sides of the cursor, at the end of a line the two before it. */
	#transpose(): void {
		const [text, cursor] = [this.#text, this.#cursor];
		const isAtEnd = cursor === lineEnd(text, cursor);
		const middle = isAtEnd ? before(text, cursor) : cursor;
		if (middle <= lineStart(text, cursor)) return;
		const [start, end] = [before(text, middle), after(text, middle)];
		this.#replace(start, end, text.slice(middle, end) + text.slice(start, middle));
	}

	/** Puts `text`, as much of it as there is room for, in place of what is there; the cursor behind it. */
	#replace(start: number, end: number, text: string): void {
		const room = this.#limit - this.#text.length + (end - start);
		const fitting = text.length <= room ? text : text.slice(0, floor(text, room));
		this.#text = this.#text.slice(0, start) + fitting + this.#text.slice(end);
		// What it stands next to may have made one grapheme with it: 'e' before an accent.
		this.#cursor = ceil(this.#text, start + fitting.length);
	}
}
