import { confusableKey } from "../../util/confusables.ts";

/** How many colours there are for names. */
export const NAME_COLOURS = 8;

/** Which colour a name has, below NAME_COLOURS: the same in every run and on every machine (FNV-1a). */
export function colourOf(name: string): number {
	let hash = 0x811c9dc5;
	for (const character of confusableKey(name)) {
		hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
	}
	// The low bits of such a hash depend on too little.
	return ((hash >>> 16) ^ (hash & 0xffff)) % NAME_COLOURS;
}
