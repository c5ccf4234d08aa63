import { typable } from "./typable.ts";

/** Characters that are kept of one paste. */
export const PASTE_LIMIT = 1024 * 1024;
const END = "\x1b[201~";

/**
 * A bracketed paste while it arrives. Nothing in it is a key, so that text copied from a hostile
 * page cannot press one; only the terminal's own end marker ends it.
 */
export class BracketedPaste {
	#kept = "";
	#cut = false;
	/** The last characters received, as long as they may be the beginning of the end marker. */
	#tail = "";

	/** Takes a chunk and returns what follows the end marker, or undefined if it has not come yet. */
	push(chunk: string): string | undefined {
		const input = this.#tail + chunk;
		const end = input.indexOf(END);
		const stop = end === -1 ? input.length - beginningOfEnd(input) : end;
		this.#keep(input.slice(0, stop));
		this.#tail = input.slice(stop);
		return end === -1 ? undefined : input.slice(end + END.length);
	}

	/** The text received, CR and CRLF as newlines, without characters that nobody can type. */
	result(): { text: string; isCut: boolean } {
		return { text: typable(this.#kept), isCut: this.#cut };
	}

	#keep(text: string): void {
		const room = PASTE_LIMIT - this.#kept.length;
		this.#kept += text.slice(0, room);
		if (text.length > room) this.#cut = true;
	}
}

/** How many of the last characters may be the beginning of the end marker. */
function beginningOfEnd(input: string): number {
	let length = END.length - 1;
	while (!input.endsWith(END.slice(0, length))) length--;
	return length;
}
