import fc from "fast-check";

const SURROGATES = { start: 0xd800, count: 0x800 };
const LAST = 0x10ffff;

/** Any character but half a pair. fast-check's own, "binary", takes half a second to set up. */
export const anyCharacter = fc
	.integer({ min: 0, max: LAST - SURROGATES.count })
	.map((n) => String.fromCodePoint(n < SURROGATES.start ? n : n + SURROGATES.count));
