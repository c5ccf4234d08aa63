import { BracketedPaste } from "./bracketed-paste.ts";
import { type KeyName, keyName } from "./key-names.ts";
import { reportedKey } from "./reported-keys.ts";

export type { KeyName };

export type Key =
	/** Typed characters, none of them a control character. */
	| { type: "text"; text: string }
	/** No control characters except newline and tab; `cut` if it was longer than PASTE_LIMIT. */
	| { type: "paste"; text: string; cut?: true }
	| { type: "key"; name: KeyName }
	/** Bytes that are not UTF-8 were left out here, or within the paste that follows. */
	| { type: "invalid" };

/** The terminal has got the keyboard, or lost it. */
export interface FocusReport {
	readonly type: "focus";
	readonly isFocused: boolean;
}

/** Stands for bytes that are not UTF-8. */
export const NOT_UTF8 = "\ufffd";

/** What was typed or pasted, for an answer that is checked as a whole. */
export const textOf = (key: Exclude<Key, { type: "key" }>): string =>
	key.type === "invalid" ? NOT_UTF8 : key.text;

/** Milliseconds to wait for what follows a key that may begin a sequence: nobody types that fast. */
const KEY_TIME = 50;
/** Milliseconds to wait for the rest of what no key begins: a slow connection may cut it. */
const SEQUENCE_TIME = 1000;
/** Escape, or Alt with a character; another ESC in front means Alt. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
const ONE_KEY = /^\x1b\x1b?[^\x1b]?$/;
/**
 * Milliseconds to wait for the rest of a paste: a connection may stall, and whatever arrives too
 * late counts as typed.
 */
const PASTE_TIME = 2000;
/** Characters that are kept of a sequence; every sequence that names a key is shorter. */
const MAX_SEQUENCE = 64;

const ESC = "\x1b";
const PASTE_START = "\x1b[200~";
const FOCUS_GAINED = "\x1b[I";
const FOCUS_LOST = "\x1b[O";
const UNTYPABLE = /\p{Cc}|\p{Cs}/u;
/**
 * A complete sequence: Alt with a character; a string (OSC, DCS and the like) that BEL ends; SS3;
 * or CSI, including three forms that break its rules: the Linux console's `[[A`, the old mouse
 * report's three characters and rxvt's `3$`.
 */
const COMPLETE_SEQUENCE =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
	/^\x1b(?:[^\p{Cc}OPX[\]^_]|[\b\n\r\x7f]|[PX\]^_]\P{Cc}*\x07|\x1b?O[\d;]*(?![\d;])[ -~]|\x1b?\[(?:\[[ -~]|M\P{Cc}{3}|\d+\$|(?![[M])[ -?]*[@-~]))$/u;
/** The beginning of such a sequence. */
const PARTIAL_SEQUENCE =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
	/^\x1b(?:\x1b?|[PX\]^_]\P{Cc}*|\x1b?O[\d;]*|\x1b?\[(?:\[|M\P{Cc}{0,2}|[ -?]*))$/u;

/**
 * Decodes what a terminal sends into keys. Sequences that name no key vanish, and no part of one
 * ever becomes text. Written by hand because the runtime's decoder (node:readline) leaks terminal
 * replies and mouse reports as text.
 */
export class KeyDecoder {
	#keys: (Key | FocusReport)[] = [];
	/** The sequence that has begun, as much of it as is kept. */
	#partial = "";
	#paste: BracketedPaste | undefined;
	/** The high surrogate of a character whose other half is in the next chunk. */
	#half = "";

	/** Call `flush` after this many milliseconds without a `push`; undefined if nothing has begun. */
	get timeout(): number | undefined {
		if (this.#paste) return PASTE_TIME;
		if (this.#partial === "") return undefined;
		return ONE_KEY.test(this.#partial) ? KEY_TIME : SEQUENCE_TIME;
	}

	/** Decodes a chunk of terminal input, which is text already and may be cut anywhere. */
	push(chunk: string): (Key | FocusReport)[] {
		const input = this.#half + chunk;
		const whole = input.replace(/[\ud800-\udbff]$/, "");
		this.#half = input.slice(whole.length);
		let rest: string | undefined = whole;
		while (rest) rest = this.#paste ? this.#readPaste(this.#paste, rest) : this.#readTyped(rest);
		return this.#takeKeys();
	}

	/** Ends what has begun: a lone ESC was the Escape key, and a paste is what has arrived of it. */
	flush(): (Key | FocusReport)[] {
		if (this.#paste) this.#endPaste(this.#paste);
		this.#abandonSequence();
		return this.#takeKeys();
	}

	/** Reads characters up to where a paste begins, and returns the rest. */
	#readTyped(input: string): string {
		let length = 0;
		for (const character of input) {
			this.#feed(character);
			length += character.length;
			if (this.#paste) break;
		}
		return input.slice(length);
	}

	#feed(character: string): void {
		if (/[\x80-\x9f]/.test(character)) {
			// A C1 character is short for ESC with another character, so it may begin a sequence.
			this.#feed(ESC);
			return this.#feed(String.fromCharCode(character.charCodeAt(0) - 0x40));
		}
		if (this.#partial === ESC + ESC && !"[O".includes(character)) {
			this.#press("escape");
			this.#partial = ESC;
		}
		const sequence = this.#partial + character;
		if (COMPLETE_SEQUENCE.test(sequence)) {
			this.#partial = "";
			// Of a longer one only a part is left, which could name another key.
			if (sequence.length <= MAX_SEQUENCE) this.#interpret(sequence);
		} else if (PARTIAL_SEQUENCE.test(sequence)) {
			if (sequence.length <= MAX_SEQUENCE) this.#partial = sequence;
		} else {
			this.#abandonSequence();
			if (character === ESC) this.#partial = ESC;
			else this.#interpret(character);
		}
	}

	#interpret(sequence: string): void {
		const name = keyName(sequence);
		const reported = name ? null : reportedKey(sequence);
		if (name) this.#press(name);
		else if (reported && "name" in reported) this.#press(reported.name);
		else if (reported) this.#type(reported.text);
		else if (sequence === FOCUS_GAINED || sequence === FOCUS_LOST) {
			this.#keys.push({ type: "focus", isFocused: sequence === FOCUS_GAINED });
		} else if (sequence.endsWith(PASTE_START)) {
			if (sequence !== PASTE_START) this.#press("escape");
			this.#paste = new BracketedPaste();
		} else if (!UNTYPABLE.test(sequence)) this.#type(sequence);
	}

	#type(text: string): void {
		const last = this.#keys.at(-1);
		if (last?.type === "text") last.text += text;
		else this.#keys.push({ type: "text", text });
	}

	/** Drops a beginning that turned out to be no sequence; ESC alone was the Escape key. */
	#abandonSequence(): void {
		const escapes = this.#partial.endsWith(ESC) ? this.#partial.length : 0;
		for (let i = 0; i < escapes; i++) this.#press("escape");
		this.#partial = "";
	}

	#readPaste(paste: BracketedPaste, input: string): string | undefined {
		const rest = paste.push(input);
		if (rest !== undefined) this.#endPaste(paste);
		return rest;
	}

	#endPaste(paste: BracketedPaste): void {
		const { text, isCut } = paste.result();
		if (text !== "") this.#keys.push({ type: "paste", text, ...(isCut && { cut: true }) });
		this.#paste = undefined;
	}

	#press(name: KeyName): void {
		this.#keys.push({ type: "key", name });
	}

	#takeKeys(): (Key | FocusReport)[] {
		const keys = this.#keys;
		this.#keys = [];
		return keys;
	}
}
