const BYTES = 64;
/** Fills a text up to 64 bytes, behind its own beginning. */
const FILLER = "the quick brown fox jumps over the lazy dog and then it sleeps ";

/** The `k`-th text of sender `i`: 64 bytes of ASCII; a check makes it again to compare. */
export function textOf(i: number, k: number): string {
	const head = `${i} ${k} `;
	return head + FILLER.slice(0, BYTES - head.length);
}

/** Said once everybody has joined: all members receive the same texts after it. */
export const MARK = "everybody is here";

/** Which text this claims to be; `textOf` shows whether it is. */
export function claimOf(text: string): { from: number; k: number } {
	const space = text.indexOf(" ");
	return {
		from: Number(text.slice(0, space)),
		k: Number(text.slice(space + 1, text.indexOf(" ", space + 1))),
	};
}
