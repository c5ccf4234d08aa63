import { BracketedPaste } from "./bracketed-paste.ts";
import { type KeyName, keyName } from "./key-names.ts";

export type { KeyName };

export type Key =
	/** Characters as typed; no control character is among them. */
	| { type: "text"; text: string }
	/** Without control characters but newline and tab; `cut` when it was longer than PASTE_LIMIT. */
	| { type: "paste"; text: string; cut?: true }
	| { type: "key"; name: KeyName };

/** Milliseconds for the rest of a sequence; nobody types the next key as fast. */
const SEQUENCE_TIME = 50;
/** Milliseconds for the rest of a paste: what comes later counts as typed, and a line may stall. */
const PASTE_TIME = 2000;
/** Characters of a sequence that are kept; all those that name a key are shorter. */
const MAX_SEQUENCE = 32;

const ESC = "\x1b";
const PASTE_START = "\x1b[200~";
const UNTYPABLE = /\p{Cc}|\p{Cs}/u;
/**
 * A whole sequence: Alt with a character; a string (OSC, DCS and the like) that BEL ends; SS3; CSI,
 * with the Linux console's `[[A`, the old mouse's three characters and rxvt's `3$` outside its rules.
 */
const COMPLETE_SEQUENCE =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is for
	/^\x1b(?:[^\p{Cc}OPX[\]^_]|[\b\n\r\x7f]|[PX\]^_]\P{Cc}*\x07|\x1b?O[\d;]*(?![\d;])[ -~]|\x1b?\[(?:\[[ -~]|M\P{Cc}{3}|\d+\$|(?![[M])[ -?]*[@-~]))$/u;
/** The beginning of one. */
const PARTIAL_SEQUENCE =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is for
	/^\x1b(?:\x1b?|[PX\]^_]\P{Cc}*|\x1b?O[\d;]*|\x1b?\[(?:\[|M\P{Cc}{0,2}|[ -?]*))$/u;

/** What a terminal sends, as keys. Sequences that name no key vanish; no part of one is ever text. */
export class KeyDecoder {
	#keys: Key[] = [];
	/** The sequence that has begun, or as much of it as is kept. */
	#partial = "";
	#paste: BracketedPaste | undefined;
	/** Half of a character whose other half is in the next chunk. */
	#half = "";

	/** Milliseconds without a push after which to call `flush`; undefined when nothing has begun. */
	get timeout(): number | undefined {
		if (this.#paste) return PASTE_TIME;
		return this.#partial === "" ? undefined : SEQUENCE_TIME;
	}

	/** The keys of what a terminal sent, decoded from UTF-8 and cut wherever it may be. */
	push(chunk: string): Key[] {
		const input = this.#half + chunk;
		const whole = input.replace(/[\ud800-\udbff]$/, "");
		this.#half = input.slice(whole.length);
		let rest: string | undefined = whole;
		while (rest) rest = this.#paste ? this.#readPaste(this.#paste, rest) : this.#readTyped(rest);
		return this.#takeKeys();
	}

	/** Ends what has begun: a lone ESC was the Escape key, a paste is what has come of it. */
	flush(): Key[] {
		if (this.#paste) this.#endPaste(this.#paste);
		this.#abandonSequence();
		return this.#takeKeys();
	}

	/** Takes characters up to where a paste begins; returns what is left. */
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
			// C1 is the short form of ESC with a letter, and so may begin a sequence.
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
			this.#interpret(sequence);
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
		if (name) this.#press(name);
		else if (sequence.endsWith(PASTE_START)) {
			if (sequence !== PASTE_START) this.#press("escape");
			this.#paste = new BracketedPaste();
		} else if (!UNTYPABLE.test(sequence)) {
			const last = this.#keys.at(-1);
			if (last?.type === "text") last.text += sequence;
			else this.#keys.push({ type: "text", text: sequence });
		}
	}

	/** What has begun goes on otherwise than any sequence: only Escape is a key by itself. */
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

	#takeKeys(): Key[] {
		const keys = this.#keys;
		this.#keys = [];
		return keys;
	}
}
