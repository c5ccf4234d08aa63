// What a person decides on is what they see. These characters change a text and not its look: a byte
// order mark before `/tell bob` makes it, to a program, no command.

/** Controls but the blank ones, direction marks, zero-width characters, fillers, lone surrogates. */
const INVISIBLE = String.raw`\0-\x08\x0e-\x1f\x7f-\x9f\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}`;
/** These, and what only leaves a gap. */
const UNSEEN = String.raw`${INVISIBLE}\s\u2800`;
/** These, and what shows nothing where nothing stands before it, or has no glyph in most fonts. */
const UNSEEN_AT_START = String.raw`${UNSEEN}\p{M}\p{Co}\p{Cn}\u1160-\u11ff\ud7b0-\ud7ff\u{16fe4}\u{1d159}`;

const IN_A_WORD = new RegExp(String.raw`[${INVISIBLE}\u2800]`, "gu");
const INVISIBLE_START = new RegExp(`^[${INVISIBLE}]+`, "u");
const UNSEEN_START = new RegExp(`^[${UNSEEN_AT_START}]+`, "u");
const ONLY_UNSEEN = new RegExp(`^[${UNSEEN}]*$`, "u");

/** For words, names and codes; in a text, some of these characters join others. */
export const withoutInvisible = (word: string): string => word.replaceAll(IN_A_WORD, "");

/** Keeps blanks, and invisible characters that come later. */
export const withoutInvisibleStart = (text: string): string => text.replace(INVISIBLE_START, "");

/** The text from its first visible character on. */
export const fromFirstVisible = (text: string): string => text.replace(UNSEEN_START, "");

/** Whether nothing of a text can be seen. */
export const isBlank = (text: string): boolean => ONLY_UNSEEN.test(text);
