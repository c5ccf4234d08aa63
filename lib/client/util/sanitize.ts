import { replaceMarks } from "./line-mark.ts";

// A peer's text must reach the terminal as text and nothing else: in CVE-2003-0063, CVE-2019-9535
// and CVE-2024-56803, terminals obeyed such text as commands. We work on characters, not on bytes:
// dropping the bytes 0x80-0x9f would break UTF-8.

/** C0 except newline, DEL and C1: everything that a terminal could obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;
/** Joiners that stay: scripts and emoji need them, but only between the characters they join. */
const JOINER =
	/(?<=\p{Script=Arabic}|[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d](?=\p{L})|(?<=\p{Extended_Pictographic}|\ufe0f|\p{EMod})\u200d(?=\p{Extended_Pictographic})/gu;
/**
 * Invisible characters: bidi controls (U+061C, 200E-F, 202A-E, 2066-9 and the rest of Cf), line
 * separators, blank fillers, lone surrogates.
 */
const INVISIBLE =
	/\p{Cf}|\p{Cs}|\u034f|\u17b4|\u17b5|[\u2028\u2029\u115f\u1160\u2800\u3164\uffa0]/gu;
/** More combining marks than any language stacks on a letter: they would cover the lines above. */
const STACKED = /(\p{M}{4})\p{M}+/gu;

/** Makes a peer's text safe to show: none of it is obeyed, hidden or a `LINE_MARK`. Newlines stay. */
export function sanitize(text: string): string {
	const joiners = new Set(Array.from(text.matchAll(JOINER), (match) => match.index));
	const shown = text
		.replace(INVISIBLE, (found, index: number) => (joiners.has(index) ? found : ""))
		.replace(STACKED, "$1")
		.replaceAll("\t", "    ")
		.replace(CONTROL, visible);
	return replaceMarks(shown);
}

/** Shows a control character as `^X`, as terminals do, and one of C1 by its code: `<9b>`. */
function visible(character: string): string {
	const code = character.charCodeAt(0);
	return code < 0x80 ? `^${String.fromCharCode(code ^ 0x40)}` : `<${code.toString(16)}>`;
}

/** Like `sanitize`, but newlines become spaces: for names and sentences. */
export const sanitizeLine = (text: string): string => sanitize(text).replaceAll("\n", " ");
