/** Characters of one paste that are kept. */
export const PASTE_LIMIT = 1024 * 1024;
const END = "\x1b[201~";

/** C0 but newline and tab, DEL, C1, and surrogates without their other half. */
const UNTYPABLE = /(?![\n\t])\p{Cc}|\p{Cs}/gu;

/**
 * A bracketed paste on its way in. Nothing in it is a key, so that a text copied from somewhere
 * hostile can press none; only the terminal's own end mark ends it.
 */
export class BracketedPaste {
	#kept = "";
	#cut = false;
	/** The end of what came, as long as it may be the beginning of the end mark. */
	#tail = "";

	/** Takes `chunk`, and gives what follows the end mark; undefined while that has not come. */
	push(chunk: string): string | undefined {
		const input = this.#tail + chunk;
		const end = input.indexOf(END);
		const stop = end === -1 ? input.length - beginningOfEnd(input) : end;
		this.#keep(input.slice(0, stop));
		this.#tail = input.slice(stop);
		return end === -1 ? undefined : input.slice(end + END.length);
	}

	/** What came, CR and CRLF made newlines, without characters that nobody can type. */
	result(): { text: string; isCut: boolean } {
		const text = this.#kept.replace(/\r\n?/g, "\n").replace(UNTYPABLE, "");
		return { text, isCut: this.#cut };
	}

	#keep(text: string): void {
		const room = PASTE_LIMIT - this.#kept.length;
		this.#kept += text.slice(0, room);
		if (text.length > room) this.#cut = true;
	}
}

/** How many of the last characters could be the first ones of the end mark. */
function beginningOfEnd(input: string): number {
	let length = END.length - 1;
	while (!input.endsWith(END.slice(0, length))) length--;
	return length;
}
