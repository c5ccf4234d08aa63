const BYTES = 64;
/** Beyond 64 bytes of its own, what a text is filled up with: so that no two begin alike. */
const FILLER = "the quick brown fox jumps over the lazy dog and then it sleeps ";

/** The `k`-th text of sender `i`: 64 bytes of ASCII, different for each, and made again to check it. */
export function textOf(i: number, k: number): string {
	const head = `${i} ${k} `;
	return head + FILLER.slice(0, BYTES - head.length);
}

/** Said once everybody has come: what is heard after it is the same for all. */
export const MARK = "everybody is here";

/** Which text this is by its own account, to be checked with `textOf`. */
export function claimOf(text: string): { from: number; k: number } {
	const space = text.indexOf(" ");
	return {
		from: Number(text.slice(0, space)),
		k: Number(text.slice(space + 1, text.indexOf(" ", space + 1))),
	};
}
