import {
	ALT,
	CAPS_LOCK,
	CTRL,
	HYPER,
	type KeyName,
	keyName,
	modifiersOf,
	SHIFT,
	withModifiers,
} from "./key-names.ts";

// Newer terminals report a key by its character and its modifiers, where older ones send the same
// bytes for several keys: https://sw.kovidgoyal.net/kitty/keyboard-protocol/ and xterm's
// modifyOtherKeys. A key means here what it means on an older terminal.

/** CSI code:shifted:base ; modifiers:event ; text u. Only the code is always there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
const KITTY = /^\x1b(\x1b?)\[(\d+)(?::(\d*))?(?::(\d*))?(?:;(\d*)(?::[12])?(?:;([\d:]*))?)?u$/;
/** CSI 27 ; modifiers ; code ~, which says the same as CSI code ; modifiers u. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: meant to match control characters
const XTERM = /^(\x1b\x1b?)\[27;(\d+);(\d+)~$/;

/** A key as it is reported; "" for what is not. */
interface Report {
	readonly code: number;
	readonly character: string;
	/** What the key types with Shift, and what it types on the layout that shortcuts are meant for. */
	readonly shifted: string;
	readonly base: string;
	/** What the key has typed. */
	readonly text: string;
	readonly has: (modifiers: number) => boolean;
	readonly modifiers: number;
}

/** kitty's own codes for the keypad's keys, in this order. */
const KEYPAD = 57_399;
const KEYPAD_TEXT = "0123456789./*-+\r=,";
const KEYPAD_NAMES: readonly (KeyName | null)[] = [
	...(["left", "right", "up", "down", "page-up", "page-down", "home", "end"] as const),
	...[null, "delete" as const],
];
const UNTYPABLE = /\p{Cc}|\p{Cs}/u;

/** The key or the text that such a sequence reports; null if it means nothing to us. */
export function reportedKey(sequence: string): { name: KeyName } | { text: string } | null {
	const report = readReport(sequence);
	if (!report) return null;
	const { text, character, has } = report;
	const isShortcut = has(CTRL | ALT);
	// Alt may also help to type a character, on a Mac for instance, and then the text is another.
	if (isTypable(text) && !(isShortcut && text.toLowerCase() === character)) return { text };
	const name = nameOf(report) ?? shortcutOf(report);
	if (name) return { name };
	const typed = isShortcut || has(HYPER) ? "" : typedBy(report);
	return isTypable(typed) ? { text: typed } : null;
}

function readReport(sequence: string): Report | null {
	const [, prefix, code, shifted = "", base = "", given = "", text = ""] =
		KITTY.exec(sequence.replace(XTERM, "$1[$3;$2u")) ?? [];
	if (code === undefined) return null;
	const modifiers = modifiersOf(given) | (prefix ? ALT : 0);
	return {
		code: Number(code),
		character: characterOf(code),
		shifted: characterOf(shifted),
		base: characterOf(base),
		text: text.split(":").map(characterOf).join(""),
		has: (mask) => (modifiers & mask) !== 0,
		modifiers,
	};
}

/** The character that a decimal number stands for; "" if none does. */
function characterOf(digits: string): string {
	const code = Number(digits);
	// Unicode's private use, in which kitty has codes for keys that type nothing.
	if (code >= 0xe000 && code <= 0xf8ff) return KEYPAD_TEXT.charAt(code - KEYPAD);
	return digits !== "" && code <= 0x10_ffff ? String.fromCodePoint(code) : "";
}

const isTypable = (text: string): boolean => text !== "" && !UNTYPABLE.test(text);

/** Enter, Tab, Backspace and Escape have the codes of their control characters. */
function nameOf({ code, character, modifiers }: Report): KeyName | undefined {
	if (character === "\x1b") return "escape";
	const moving = KEYPAD_NAMES[code - KEYPAD - KEYPAD_TEXT.length];
	const name = /^[\b\t\n\r\x7f]$/.test(character) ? keyName(character) : moving;
	return name ? withModifiers(name, modifiers) : undefined;
}

/** On older terminals these send what Ctrl-_ does. */
const isUndo = ({ character, shifted, has }: Report): boolean =>
	has(CTRL) &&
	!has(ALT | HYPER) &&
	(["_", "/"].includes(character) || shifted === "_" || (character === "-" && has(SHIFT)));

/** Ctrl or Alt with a letter: where the layout has none on this key, with the one of the base. */
function shortcutOf(report: Report): KeyName | undefined {
	const { character, base, has } = report;
	if (isUndo(report)) return "ctrl-_";
	const letter = (character > "\x7f" ? base : character).toLowerCase();
	if (!/^[a-z]$/.test(letter) || has(HYPER) || (has(CTRL) && has(ALT))) return undefined;
	if (has(CTRL)) return keyName(String.fromCharCode(letter.charCodeAt(0) & 0x1f));
	return has(ALT) && !has(SHIFT) ? keyName(`\x1b${letter}`) : undefined;
}

/** The character with Shift and Caps Lock, where the terminal does not say itself what they type. */
function typedBy({ character, shifted, has }: Report): string {
	if (has(SHIFT) && shifted !== "") return shifted;
	const upper = character.toUpperCase();
	const isUpper = has(SHIFT) !== has(CAPS_LOCK) && upper.length === character.length;
	return isUpper ? upper : character;
}
