const CTRL_LETTERS = "abcdefgklnopqrstuvwxyz";
const ALT_LETTERS = "abcdefghijklmnopqrstuvwxyz";
type Letters<S extends string> = S extends `${infer L}${infer Rest}` ? L | Letters<Rest> : never;

/** Ctrl with H, I, J or M is none of its own: terminals send it for backspace, tab and enter. */
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
	// Shift-Enter, of terminals that can tell it from Enter.
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
 * CSI or SS3, numbers, and what ends it; one more ESC in front is Alt. xterm puts modifiers into the
 * last number; rxvt writes Shift, Ctrl and both as `$`, `^` and `@`, or as a small letter.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is for
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
/** What Ctrl or Alt make of a key; with the others they change nothing, nor does Shift. */
const BY_WORD: { [name: string]: KeyName } = {
	left: "word-left",
	right: "word-right",
	delete: "alt-d",
};
/** Alt, Ctrl and Meta in xterm's modifiers, which are sent with one added. */
const ALT_CTRL_META = 0b1110;

/** The key for which a terminal sends this control character or sequence; undefined if we know none. */
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
