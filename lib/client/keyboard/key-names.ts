const CTRL_LETTERS = "abcdefgklnopqrstuvwxyz";
const ALT_LETTERS = "abcdefghijklmnopqrstuvwxyz";
type Letters<S extends string> = S extends `${infer L}${infer Rest}` ? L | Letters<Rest> : never;

/** Without Ctrl-H, Ctrl-I, Ctrl-J and Ctrl-M: terminals send these for Backspace, Tab and Enter. */
export type KeyName =
	| ("enter" | "alt-enter" | "tab" | "shift-tab" | "escape")
	| ("backspace" | "alt-backspace" | "delete")
	| ("left" | "right" | "up" | "down" | "home" | "end")
	| ("word-left" | "word-right" | "page-up" | "page-down")
	| `ctrl-${Letters<typeof CTRL_LETTERS> | "_"}`
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
	["\x1bOM", "enter"],
	["\x1f", "ctrl-_"],
]);
for (const letter of CTRL_LETTERS as Iterable<Letters<typeof CTRL_LETTERS>>) {
	FIXED.set(String.fromCharCode(letter.charCodeAt(0) & 0x1f), `ctrl-${letter}`);
}
for (const letter of ALT_LETTERS as Iterable<Letters<typeof ALT_LETTERS>>) {
	FIXED.set(`\x1b${letter}`, `alt-${letter}`);
}

/** Bits of the modifiers that a key is pressed with. */
export const SHIFT = 1;
export const CTRL = 0b100;
/** Alt, Meta, and the bit that is Meta to xterm and Super to kitty. */
export const ALT = 0b10_1010;
export const HYPER = 0b1_0000;
export const CAPS_LOCK = 0b100_0000;

/** Terminals send the bits plus one, or nothing if there are none. */
export const modifiersOf = (given: string): number => Math.max(0, Number(given) - 1);

/**
 * CSI or SS3, up to two numbers, and a final character; another ESC in front means Alt. xterm puts
 * modifiers into the last number, and kitty whether the key was pressed (1), repeated (2) or released
 * after it; rxvt ends with `$`, `^` or `@` for Shift, Ctrl or both, or with a lower-case letter.
 */
const FUNCTION_KEY =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
	/^\x1b(\x1b?)([[O])(\d{0,2});?(\d{0,3})(?::[12])?([A-DFHZa-d~^$@])$/;
const BY_LETTER: { [letter: string]: KeyName } = {
	A: "up",
	B: "down",
	C: "right",
	D: "left",
	F: "end",
	H: "home",
	Z: "shift-tab",
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
/** What a key becomes with Ctrl or Alt. They do not change the other keys. */
const BY_WORD: { [name: string]: KeyName } = {
	left: "word-left",
	right: "word-right",
	delete: "alt-d",
	backspace: "alt-backspace",
};

/** What a key becomes with modifiers. */
export function withModifiers(name: KeyName, modifiers: number): KeyName {
	const has = (mask: number): boolean => (modifiers & mask) !== 0;
	if (name === "enter") return has(SHIFT | ALT) ? "alt-enter" : name;
	if (name === "tab") return has(SHIFT) ? "shift-tab" : name;
	return (has(CTRL | ALT) && BY_WORD[name]) || name;
}

/** The key for which terminals send this control character or sequence, or undefined. */
export function keyName(sequence: string): KeyName | undefined {
	const fixed = FIXED.get(sequence);
	if (fixed) return fixed;
	const match = FUNCTION_KEY.exec(sequence) ?? [];
	const [, alt = "", kind = "", first = "", second = "", end = ""] = match;
	const isNumbered = "~^$@".includes(end);
	const name = isNumbered ? BY_NUMBER[first] : BY_LETTER[end.toUpperCase()];
	if (!name) return undefined;
	const modifiers = modifiersOf(isNumbered ? second : second || first);
	const isModified = alt !== "" || /O[a-d]|[\^@]/.test(kind + end);
	return withModifiers(name, isModified ? modifiers | ALT : modifiers);
}

/** What the terminals of old send for the keys that have no entry in FIXED, or several. */
const USUAL: Partial<Record<KeyName, string>> = {
	enter: "\r",
	backspace: "\x7f",
	up: "\x1b[A",
	down: "\x1b[B",
	right: "\x1b[C",
	left: "\x1b[D",
	home: "\x1b[H",
	end: "\x1b[F",
	delete: "\x1b[3~",
	escape: "\x1b",
	"shift-tab": "\x1b[Z",
	"word-left": "\x1bb",
	"word-right": "\x1bf",
	"page-up": "\x1b[5~",
	"page-down": "\x1b[6~",
};
const SEQUENCES = new Map<KeyName, string>(
	Array.from(FIXED, ([sequence, name]) => [name, sequence]),
);

/** What every program understands for a key. */
export const sequenceOf = (name: KeyName): string => USUAL[name] ?? SEQUENCES.get(name) ?? "";
