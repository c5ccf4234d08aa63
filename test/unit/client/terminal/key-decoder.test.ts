import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PASTE_LIMIT } from "../../../../lib/client/terminal/bracketed-paste.ts";
import { type Key, KeyDecoder, type KeyName } from "../../../../lib/client/terminal/key-decoder.ts";

const numRuns = Number(process.env.FERNET_CHAT_RUNS ?? 200);
const ESC = "\x1b";

const key = (name: KeyName): Key => ({ type: "key", name });
const text = (text: string): Key => ({ type: "text", text });
const paste = (text: string): Key => ({ type: "paste", text });

/** The keys of all chunks and of the silence after them, texts that follow each other as one. */
function keysOf(chunks: string[]): Key[] {
	const keyboard = new KeyDecoder();
	const keys: Key[] = [];
	for (const next of [...chunks.flatMap((chunk) => keyboard.push(chunk)), ...keyboard.flush()]) {
		const last = keys.at(-1);
		if (last?.type === "text" && next.type === "text") last.text += next.text;
		else keys.push({ ...next });
	}
	return keys;
}

/** The same in one piece, in two pieces cut at each place, and character by character. */
function expectKeys(input: string, expected: Key[]): void {
	expect(keysOf([input])).toEqual(expected);
	for (let i = 1; i < input.length; i++) {
		expect(keysOf([input.slice(0, i), input.slice(i)])).toEqual(expected);
	}
	expect(keysOf(input.split(""))).toEqual(expected);
}

const TERMINALS: Record<string, [string, KeyName][]> = {
	"every terminal": [
		["\r", "enter"],
		["\n", "enter"],
		["\t", "tab"],
		["\x7f", "backspace"],
		["\b", "backspace"],
		["\x01", "ctrl-a"],
		["\x03", "ctrl-c"],
		["\x04", "ctrl-d"],
		["\x0b", "ctrl-k"],
		["\x1a", "ctrl-z"],
		["\x1b\r", "alt-enter"],
		["\x1b\n", "alt-enter"],
		["\x1b\x7f", "alt-backspace"],
		["\x1b\b", "alt-backspace"],
		["\x1bb", "alt-b"],
		["\x1bd", "alt-d"],
		["\x1bz", "alt-z"],
		["\x1b", "escape"],
	],
	"xterm, Windows Terminal": [
		["\x1b[A", "up"],
		["\x1b[B", "down"],
		["\x1b[C", "right"],
		["\x1b[D", "left"],
		["\x1b[H", "home"],
		["\x1b[F", "end"],
		["\x1b[Z", "shift-tab"],
		["\x1b[3~", "delete"],
		["\x1b[5~", "page-up"],
		["\x1b[6~", "page-down"],
		["\x1b[1;5C", "word-right"],
		["\x1b[1;5D", "word-left"],
		["\x1b[1;3D", "word-left"],
		["\x1b[1;9C", "word-right"],
		["\x1b[1;6C", "word-right"],
		["\x1b[1;2C", "right"],
		["\x1b[1;5A", "up"],
		["\x1b[1;2H", "home"],
		["\x1b[3;5~", "alt-d"],
		["\x1b[3;2~", "delete"],
		["\x1b[5C", "word-right"],
		["\x1b[27;2;13~", "alt-enter"],
		["\x1b[13;2u", "alt-enter"],
	],
	"application cursor keys and VT220": [
		["\x1bOA", "up"],
		["\x1bOB", "down"],
		["\x1bOC", "right"],
		["\x1bOD", "left"],
		["\x1bOH", "home"],
		["\x1bOF", "end"],
		["\x1bOM", "enter"],
		["\x1bO5C", "word-right"],
		["\x1bO1;5D", "word-left"],
		["\x9bA", "up"],
		["\x9b3~", "delete"],
		["\x8fD", "left"],
	],
	rxvt: [
		["\x1b[7~", "home"],
		["\x1b[8~", "end"],
		["\x1b[7$", "home"],
		["\x1b[3$", "delete"],
		["\x1b[3^", "alt-d"],
		["\x1b[3@", "alt-d"],
		["\x1b[8^", "end"],
		["\x1bOc", "word-right"],
		["\x1bOd", "word-left"],
		["\x1b[c", "right"],
		["\x1b\x1b[D", "word-left"],
		["\x1b\x1bOC", "word-right"],
	],
	"Linux console": [
		["\x1b[1~", "home"],
		["\x1b[4~", "end"],
	],
	"macOS Terminal": [
		["\x1bf", "alt-f"],
		["\x1b\x1b[C", "word-right"],
		["\x1b\x1b[3~", "alt-d"],
	],
};

for (const [terminal, rows] of Object.entries(TERMINALS)) {
	test.each(rows)(`${terminal}: %j is %s`, (sequence, name) => {
		expectKeys(sequence, [key(name)]);
		// Lone ESC is the one that what follows would change.
		if (sequence !== ESC) expectKeys(`a${sequence}é`, [text("a"), key(name), text("é")]);
	});
}

test.each([
	["F1 of the Linux console", "\x1b[[A"],
	["F1", "\x1bOP"],
	["F5", "\x1b[15~"],
	["Insert", "\x1b[2~"],
	["an unknown Alt", "\x1b%"],
	["Alt with an emoji", "\x1b😀"],
	["kitty's Ctrl-A", "\x1b[97;5u"],
	["kitty's key release", "\x1b[1;5:3C"],
	["xterm's modifyOtherKeys", "\x1b[27;5;105~"],
	["Windows' own key records", "\x1b[65;30;97;1;0;1_"],
	["an old mouse", "\x1b[M !!"],
	["a mouse", "\x1b[<0;12;7M"],
	["rxvt's mouse", "\x1b[32;12;7M"],
	["focus gained", "\x1b[I"],
	["cursor position", "\x1b[12;40R"],
	["device attributes", "\x1b[?64;1;2c"],
	["a mode's state", "\x1b[?2026;2$y"],
	["a colour, ended by ST", "\x1b]11;rgb:0000/0000/0000\x1b\\"],
	["a colour, ended by BEL", "\x1b]11;rgb:0000/0000/0000\x07"],
	["a colour in C1", "\x9d11;rgb:0000/0000/0000\x9c"],
	["a terminal's version", "\x1bP>|XTerm(390)\x1b\\"],
	["the end of no paste", "\x1b[201~"],
	["Ctrl-Space", "\0"],
	["Ctrl-_", "\x1f"],
	["a sequence longer than any", `\x1b[${"1;".repeat(50)}5C`],
	["next line", "\x85"],
])("%s vanishes whole", (_, sequence) => {
	expectKeys(`a${sequence}b`, [text("ab")]);
});

describe("what breaks a sequence off", () => {
	test.each<[string, Key[]]>([
		["\x1b[1;\x03", [key("ctrl-c")]],
		["\x1b]0;title\r", [key("enter")]],
		["\x1b[\x1b[A", [key("up")]],
		["\x1bO\x1bb", [key("alt-b")]],
		["\x1b[Mab\x1b[B", [key("down")]],
		["\x1b[1é", [text("é")]],
		["\x1b\x03", [key("escape"), key("ctrl-c")]],
		["\x1b\x1bb", [key("escape"), key("alt-b")]],
		["\x1b\x1b\x1b[D", [key("escape"), key("word-left")]],
		["\x1b\x1b\x1b", [key("escape"), key("escape"), key("escape")]],
		["\x1b[", []],
		["\ud83d", []],
	])("%j", (input, keys) => expectKeys(input, keys));
});

test("text comes as typed, with runs joined", () => {
	const typed = "Grüße, 日本 👩‍👩‍👧 🇩🇪 e\u0301 \u200f \ufffd";
	expect(new KeyDecoder().push(typed)).toEqual([text(typed)]);
	expectKeys(typed, [text(typed)]);
});

test("a lone ESC waits for what follows, and is Escape if nothing does", () => {
	const keyboard = new KeyDecoder();
	expect(keyboard.push(ESC)).toEqual([]);
	expect(keyboard.flush()).toEqual([key("escape")]);
	expect(keyboard.push("b")).toEqual([text("b")]);
	keyboard.push(`${ESC}[1`);
	expect(keyboard.flush()).toEqual([]);
	expect(keyboard.push("2D")).toEqual([text("2D")]);
});

test("says how long to wait: not at all, a moment for a sequence, longer for a paste", () => {
	const keyboard = new KeyDecoder();
	keyboard.push("a\x1b[A");
	expect(keyboard.timeout).toBeUndefined();
	keyboard.push(ESC);
	const moment = keyboard.timeout ?? Number.NaN;
	expect(moment).toBeLessThanOrEqual(100);
	keyboard.push("[200~");
	expect(keyboard.timeout).toBeGreaterThan(10 * moment);
	keyboard.push("x\x1b[201~");
	expect(keyboard.timeout).toBeUndefined();
});

describe("a paste is literal", () => {
	test.each([
		["plain", "two\nlines", "two\nlines"],
		["CR and CRLF", "a\rb\r\nc\n\rd", "a\nb\nc\n\nd"],
		["a tab", "a\tb", "a\tb"],
		["sequences", "\x1b[A\x1b[31mred\x1bb", "[A[31mredb"],
		["its own start", "\x1b[200~x", "[200~x"],
		["an end in C1", "a\x9b201~\rrm -rf", "a201~\nrm -rf"],
		["an end made of parts", "\x1b[20\x001~\x1b[\x1b201~x", "[201~[201~x"],
		["ESC before the end", "x\x1b", "x"],
		["almost the end before the end", "x\x1b[201", "x[201"],
		["control keys", "\x03\x04\x07\x00\x7f", undefined],
		["C1", "\x80a\x85\x9b\x9f", "a"],
		["emoji", "👨‍👩‍👧 \ud83d", "👨‍👩‍👧 "],
		["nothing", "", undefined],
	])("%s", (_, inside, literal) => {
		const pasted = literal === undefined ? [] : [paste(literal)];
		const input = `a\x1b[200~${inside}\x1b[201~b\r`;
		const around = literal === undefined ? [text("ab")] : [text("a"), ...pasted, text("b")];
		expectKeys(input, [...around, key("enter")]);
	});
});

test("an Escape before a paste takes nothing from it", () => {
	expectKeys("\x1b\x1b[200~x\x1b[201~", [key("escape"), paste("x")]);
});

test("a paste beyond the limit is cut, and says so", () => {
	const most = "x".repeat(PASTE_LIMIT);
	expect(keysOf([`\x1b[200~${most}\x1b[201~`])).toEqual([paste(most)]);
	const chunks = Array.from({ length: 3 * 64 }, () => "y".repeat(PASTE_LIMIT / 64));
	const [pasted, after] = keysOf(["\x1b[200~", ...chunks, "\x1b[201~z"]);
	expect(pasted).toEqual({ type: "paste", text: "y".repeat(PASTE_LIMIT), cut: true });
	expect(after).toEqual(text("z"));
});

test("a paste that never ends is given as it is, and the keyboard is free again", () => {
	const keyboard = new KeyDecoder();
	expect(keyboard.push("\x1b[200~half\x1b[2")).toEqual([]);
	expect(keyboard.flush()).toEqual([paste("half")]);
	expect(keyboard.push("\x03")).toEqual([key("ctrl-c")]);
});

// Were it all kept and looked at again with each character, this would take minutes.
test.each(["\x1b[", "\x1bO", "\x1b]"])("what begins with %j does not grow without end", (start) => {
	expect(keysOf([start, ...Array.from({ length: 100 }, () => "1".repeat(4000)), "\x07"])).toEqual(
		start === "\x1b]" ? [] : [key("ctrl-g")],
	);
});

const PIECES = "[ ] O P M A ~ $ ; 1 200~ é 👍🏽".split(" ").concat("\ud83d", "\ude00");
const CONTROLS = "\x1b \x1b[200~ \x1b[201~ \x1b[M \x1b[[ \x07 \r \x03 \x9b \x9c \x85".split(" ");
const anyInput = fc
	.array(
		fc.oneof(fc.constantFrom(...PIECES, ...CONTROLS), fc.string({ unit: "binary", maxLength: 3 })),
	)
	.map((pieces) => pieces.join(""));

test("any string, cut anywhere, gives the same keys", () => {
	fc.assert(
		fc.property(anyInput, fc.array(fc.nat({ max: 60 })), (input, places) => {
			const cuts = [0, ...places.sort((a, b) => a - b), input.length];
			const chunks = cuts.map((cut, i) => input.slice(cut, cuts[i + 1]));
			const inOrder = chunks.slice(0, -1);
			expect(keysOf(inOrder)).toEqual(keysOf([input]));
		}),
		{ numRuns },
	);
});

test("no string makes text with a control character or half a character", () => {
	fc.assert(
		fc.property(anyInput, (input) => {
			for (const typed of keysOf([input])) {
				if (typed.type === "text") expect(typed.text).toMatch(/^[^\p{Cc}\p{Cs}]+$/u);
				if (typed.type === "paste") expect(typed.text).toMatch(/^(?:[\n\t]|[^\p{Cc}\p{Cs}])+$/u);
			}
		}),
		{ numRuns },
	);
});

/** What ECMA-48 allows a terminal to send, but for the three openings that terminals use otherwise. */
const anyControl = fc
	.stringMatching(/^[0-?]{0,40}[ -/]{0,3}[@-~]$/)
	.filter((body) => !/^(?:[[M]|\d+\$|200~)/.test(body));

test("no control sequence leaves anything in the text around it", () => {
	fc.assert(
		fc.property(anyControl, (body) => {
			const typed = keysOf([`a\x1b[${body}b`]).filter(({ type }) => type !== "key");
			expect(typed.map((part) => (part.type === "text" ? part.text : "")).join("")).toBe("ab");
		}),
		{ numRuns },
	);
});
