const CTRL_LETTERS = "abcdefgklnopqrstuvwxyz";
const ALT_LETTERS = "abcdefghijklmnopqrstuvwxyz";
type Letters<S extends string> = S extends `${infer L}${infer Rest}` ? L | Letters<Rest> : never;

/** Without Ctrl-H, Ctrl-I, Ctrl-J and Ctrl-M: terminals send these for Backspace, Tab and Enter. */
export type KeyName =
	| ("enter" | "alt-enter" | "tab" | "shift-tab" | "escape")
	| ("backspace" | "alt-backspace" | "delete")
	| ("left" | "right" | "up" | "down" | "home" | "end")
	| ("word-left" | "word-right" | "page-up" | "page-down")
	| `ctrl-${Letters<typeof CTRL_LETTERS>}`
	| `alt-${Letters<typeof ALT_LETTERS>}`;

const FIXED = new Map<string, KeyName>([
	["\r", "enter"],
	["\n", "enter"],
	["\t", "tab"],
	["\b", "backspace"],
	["\x7f", "backspace"],
	["\x1b\r", "alt-enter"],
	["\x1b\n", "alt-enter"],
	["\x1b\b", "alt-backspace"],
	["\x1b\x7f", "alt-backspace"],
	["\x1b[Z", "shift-tab"],
	["\x1bOM", "enter"],
	// Shift-Enter, from terminals that can tell it from Enter.
	["\x1b[13;2u", "alt-enter"],
	["\x1b[27;2;13~", "alt-enter"],
]);
for (const letter of CTRL_LETTERS as Iterable<Letters<typeof CTRL_LETTERS>>) {
	FIXED.set(String.fromCharCode(letter.charCodeAt(0) & 0x1f), `ctrl-${letter}`);
}
for (const letter of ALT_LETTERS as Iterable<Letters<typeof ALT_LETTERS>>) {
	FIXED.set(`\x1b${letter}`, `alt-${letter}`);
}

/**
 * CSI or SS3, up to two numbers, and a final character; another ESC in front means Alt. xterm puts
 * modifiers into the last number; rxvt ends with `$`, `^` or `@` for Shift, Ctrl or both, or with a
 * lower-case letter.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
const FUNCTION_KEY = /^\x1b(\x1b?)([[O])(\d{0,2});?(\d{0,2})([A-DFHa-d~^$@])$/;
const BY_LETTER: { [letter: string]: KeyName } = {
	A: "up",
	B: "down",
	C: "right",
	D: "left",
	F: "end",
	H: "home",
};
const BY_NUMBER: { [number: string]: KeyName } = {
	1: "home",
	3: "delete",
	4: "end",
	5: "page-up",
	6: "page-down",
	7: "home",
	8: "end",
};
/** What a key becomes with Ctrl or Alt. They do not change the other keys; Shift changes none. */
const BY_WORD: { [name: string]: KeyName } = {
	left: "word-left",
	right: "word-right",
	delete: "alt-d",
};
/** The bits of Alt, Ctrl and Meta in xterm's modifiers; xterm sends the bits plus one. */
const ALT_CTRL_META = 0b1110;

/** The key for which terminals send this control character or sequence, or undefined. */
export function keyName(sequence: string): KeyName | undefined {
	const fixed = FIXED.get(sequence);
	if (fixed) return fixed;
	const match = FUNCTION_KEY.exec(sequence) ?? [];
	const [, alt = "", kind = "", first = "", second = "", end = ""] = match;
	const isNumbered = "~^$@".includes(end);
	const name = isNumbered ? BY_NUMBER[first] : BY_LETTER[end.toUpperCase()];
	if (!name) return undefined;
	const modifiers = Number((isNumbered ? second : second || first) || 1) - 1;
	const isModified =
		alt !== "" || (modifiers & ALT_CTRL_META) !== 0 || /O[a-d]|[\^@]/.test(kind + end);
	return (isModified && BY_WORD[name]) || name;
}
