import { createHash } from "node:crypto";
import { SENTENCES } from "./prose.ts";

export const BYTES = 64;
/** What people write, one sentence after the other, in ASCII that JSON writes as it is. */
const PROSE = SENTENCES.join(" ").replaceAll(/[^ -~]|["\\]/g, "");

/** Fills a text up to 64 bytes, behind its own beginning. */
const FILLERS = {
	/** Each text from another place: primes, so that no two senders say the same. */
	prose: (i: number, k: number) => {
		const start = (i * 7919 + k * 67) % (PROSE.length - BYTES);
		return PROSE.slice(start, start + BYTES);
	},
	/** Nothing is said twice: only the alphabet of 64 letters can be deflated, to three quarters. */
	incompressible: (i: number, k: number) =>
		createHash("sha512").update(`${i} ${k}`).digest("base64"),
};

/** What the texts consist of. */
export type Kind = keyof typeof FILLERS;

/** The `k`-th text of sender `i`: 64 bytes of ASCII; a check makes it again to compare. */
export function textOf(i: number, k: number, kind: Kind = "prose"): string {
	const head = `${i} ${k} `;
	return head + FILLERS[kind](i, k).slice(0, BYTES - head.length);
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
