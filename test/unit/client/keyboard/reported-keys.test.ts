import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Key, KeyName } from "../../../../lib/client/keyboard/key-decoder.ts";
import { expectKeys, key, keysOf, text } from "./decoded-keys.ts";

// Keys as newer terminals report them: by kitty's protocol and by xterm's modifyOtherKeys.

/** Expects the keys, and nothing of the sequence in the text around it. */
function expectReport(sequence: string, keys: Key[]): void {
	const [typed] = keys;
	if (typed?.type === "text") return expectKeys(`a${sequence}é`, [text(`a${typed.text}é`)]);
	expectKeys(`a${sequence}é`, keys.length === 0 ? [text("aé")] : [text("a"), ...keys, text("é")]);
}

const TYPED: [what: string, sequence: string, typed: string][] = [
	["Shift-Space", "\x1b[32;2u", " "],
	["Shift-Space, older form", "\x1b[27;2;32~", " "],
	["Space", "\x1b[32u", " "],
	["a letter", "\x1b[97u", "a"],
	["a letter, no modifiers given", "\x1b[97;u", "a"],
	["Shift and a letter", "\x1b[97;2u", "A"],
	["Shift and a letter, xterm", "\x1b[27;2;65~", "A"],
	["Shift and a letter, xterm's other form", "\x1b[65;2u", "A"],
	["Shift and a digit, xterm", "\x1b[27;2;33~", "!"],
	["Shift and a digit with its other key", "\x1b[49:33;2u", "!"],
	["all alternate keys", "\x1b[97:65:99;2u", "A"],
	["only a base layout key", "\x1b[1089::99u", "с"],
	["pressed", "\x1b[97;1:1u", "a"],
	["held down", "\x1b[97;1:2u", "a"],
	["its text", "\x1b[97;2:1;65u", "A"],
	["the text of two code points", "\x1b[101;;101:769u", "e\u0301"],
	["a text without a key", "\x1b[0;;26085u", "日"],
	["an emoji", "\x1b[128077u", "👍"],
	["Caps Lock", "\x1b[97;65u", "A"],
	["Caps Lock and Shift", "\x1b[97;66u", "a"],
	["Num Lock", "\x1b[97;129u", "a"],
	["both locks and Shift", "\x1b[228;194u", "ä"],
	["ß, which has no capital of its own length", "\x1b[223;2u", "ß"],
	["Option on a Mac", "\x1b[113;3;339u", "œ"],
	["the keypad's 7", "\x1b[57406;129u", "7"],
	["the keypad's plus", "\x1b[57413u", "+"],
];
test.each(TYPED)("%s is text", (_, sequence, typed) => expectReport(sequence, [text(typed)]));

const NAMED: [sequence: string, name: KeyName][] = [
	["\x1b[99;5u", "ctrl-c"],
	["\x1b[27;5;99~", "ctrl-c"],
	["\x1b[99;133u", "ctrl-c"],
	["\x1b[99;69u", "ctrl-c"],
	["\x1b[1089::99;5u", "ctrl-c"],
	["\x1b[67;6u", "ctrl-c"],
	["\x1b[122;5u", "ctrl-z"],
	["\x1b[95;5u", "ctrl-_"],
	["\x1b[47;5u", "ctrl-_"],
	["\x1b[45:95;6u", "ctrl-_"],
	["\x1b[45;6u", "ctrl-_"],
	["\x1b[27;6;95~", "ctrl-_"],
	["\x1b[104;5u", "backspace"],
	["\x1b[105;5u", "tab"],
	["\x1b[106;5u", "enter"],
	["\x1b[98;3u", "alt-b"],
	["\x1b[27;3;98~", "alt-b"],
	["\x1b[98;9u", "alt-b"],
	["\x1b[98;33u", "alt-b"],
	["\x1b[98;3:1;98u", "alt-b"],
	["\x1b\x1b[98u", "alt-b"],
	["\x1b[13u", "enter"],
	["\x1b[13;129u", "enter"],
	["\x1b[13;5u", "enter"],
	["\x1b[13;2u", "alt-enter"],
	["\x1b[13;3u", "alt-enter"],
	["\x1b[27;6;13~", "alt-enter"],
	["\x1b[57414u", "enter"],
	["\x1b[57414;2:2u", "alt-enter"],
	["\x1b[9u", "tab"],
	["\x1b[9;2u", "shift-tab"],
	["\x1b[27;2;9~", "shift-tab"],
	["\x1b[1;2Z", "shift-tab"],
	["\x1b[27u", "escape"],
	["\x1b[127u", "backspace"],
	["\x1b[127;2u", "backspace"],
	["\x1b[127;5u", "alt-backspace"],
	["\x1b[27;3;127~", "alt-backspace"],
	["\x1b[57417u", "left"],
	["\x1b[57418;5u", "word-right"],
	["\x1b[57426u", "delete"],
	["\x1b[1;129A", "up"],
	["\x1b[1;1:1A", "up"],
	["\x1b[1;5:2C", "word-right"],
	["\x1b[1;133D", "word-left"],
	["\x1b[3;1:2~", "delete"],
	["\x1b[3;133:1~", "alt-d"],
];
test.each(NAMED)("%j is %s", (sequence, name) => expectReport(sequence, [key(name)]));

test.each([
	["a letter let go", "\x1b[97;1:3u"],
	["an arrow let go", "\x1b[1;1:3A"],
	["Delete let go", "\x1b[3;1:3~"],
	["Shift itself", "\x1b[57441;2u"],
	["volume up", "\x1b[57439u"],
	["F13", "\x1b[57376u"],
	["the keypad's Insert", "\x1b[57425u"],
	["Ctrl-Space", "\x1b[32;5u"],
	["Ctrl with a digit", "\x1b[49;5u"],
	["Ctrl-Alt with a letter", "\x1b[97;7u"],
	["Alt-Space, with its text", "\x1b[32;3;32u"],
	["Hyper", "\x1b[97;17u"],
	["a control character for a text", "\x1b[0;;3u"],
	["half a character", "\x1b[55357u"],
	["no character", "\x1b[1114112u"],
	["no number that fits", `\x1b[${"9".repeat(40)}u`],
	["fields of a later version", "\x1b[97;2;65;1u"],
	["more text than is kept", `\x1b[97;;${"97:".repeat(40)}97u`],
])("%s is nothing", (_, sequence) => expectReport(sequence, []));

test("every modifier that there is: neither a space nor a key is lost or turned into another", () => {
	const [shift, ctrlAltHyper] = [1, 0b11_1110];
	for (let bits = 0; bits < 256; bits++) {
		const given = bits + 1;
		const space = (bits & ctrlAltHyper) === 0 ? [text(" ")] : [];
		const tab = key((bits & shift) === 0 ? "tab" : "shift-tab");
		expect([given, ...keysOf([`\x1b[32;${given}u`])]).toEqual([given, ...space]);
		expect([given, ...keysOf([`\x1b[27;${given};32~`])]).toEqual([given, ...space]);
		expect([given, ...keysOf([`\x1b[1;${given}A\x1b[9;${given}u`])]).toEqual([
			given,
			key("up"),
			tab,
		]);
	}
});

test("whatever is reported, no part of it is typed but its characters", () => {
	const number = fc.integer({ min: 0, max: 0x11_0000 }).map(String);
	const field = fc.array(fc.oneof(number, fc.constant("")), { maxLength: 4 });
	const fields = fc.array(
		field.map((parts) => parts.join(":")),
		{ maxLength: 4 },
	);
	fc.assert(
		fc.property(fields, fc.constantFrom("u", "~", "A"), (given, end) => {
			const typed = keysOf([`\x1b[${given.join(";")}${end}`]);
			for (const { type } of typed) expect(type).not.toBe("paste");
			const points = given.flatMap((each) => each.split(":")).map(Number);
			for (const character of typed.flatMap((each) =>
				each.type === "text" ? [...each.text] : [],
			)) {
				const spellings = [character, character.toLowerCase()].map((each) => each.codePointAt(0));
				const isKeypad = /[\d./*+=,-]/.test(character) && points.some((point) => point >= 57_399);
				expect(isKeypad || spellings.some((point) => points.includes(point ?? -1))).toBe(true);
			}
		}),
		{ numRuns: Number(process.env.TEST_RUNS ?? 200) },
	);
});
