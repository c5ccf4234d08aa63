import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, say, tell } from "./visit.ts";

// Whatever a member sends is only text on another member's terminal.

let stage: Stage;
let eve: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	eve = await Peer.member(stage, "eve");
});

afterAll(() => stage[Symbol.asyncDispose]());

/** The control sequences of the client itself: frames, erasing, colours, bells, lines. */
const OURS =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: matches the control characters that the client itself writes
	/\x1b\[(?:\?(?:7|1004|2004|2026)[hl]|[1-9]\d?A|J|K|2J|H|(?:[0127]|22|27|3[0-79]|9[0-7])m)|\r+\n|\r|\x07/g;

/** Checks that no control, invisible or bidirectional character is left besides OURS. */
function isClean(written: string): void {
	const rest = written.replace(OURS, "").replaceAll("\n", "");
	expect(
		rest.match(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|[\u034f\u115f\u1160\u2800\u3164\uffa0]/u),
	).toBeNull();
}

const range = (first: number, last: number): string[] =>
	Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));

const caret = (character: string): string =>
	`^${String.fromCharCode(character.charCodeAt(0) ^ 0x40)}`;
const hidden = (): string => "";
const BIDI = [..."\u061c\u200e\u200f", ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)];
const ZERO_WIDTH = [..."\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u200d\u2060\u2061\ufeff\u3164"];

/** Characters to send between two letters, and what the terminal must show instead. */
const characters: [what: string, characters: string[], shown: (character: string) => string][] = [
	["C0 but tab and newline", [...range(0, 8), ...range(0x0b, 0x1f)], caret],
	["tab", ["\t"], () => "    "],
	["DEL", ["\x7f"], caret],
	["C1", range(0x80, 0x9f), (c) => `<${c.charCodeAt(0).toString(16)}>`],
	["the twelve bidi controls", BIDI, hidden],
	["zero width", ZERO_WIDTH, hidden],
	["line separators", ["\u2028", "\u2029"], hidden],
	["tags and interlinear marks", ["\u{e0001}", "\u{e0041}", "\ufff9"], hidden],
];

describe("between two letters", () => {
	let screen: Screen;
	beforeAll(async () => {
		screen = await enter(stage, "ann", { flags: ["--bell", "off"] });
	});
	afterAll(() => screen[Symbol.asyncDispose]());

	test.each(characters)("%s", async (what, characters, shown) => {
		for (const [index, character] of characters.entries()) {
			say(eve, `${what} ${index}a${character}b`);
			tell(eve, "ann", `${what} ${index}a${character}b`);
		}
		say(eve, `the last of ${what}`);
		await screen.waitForText(`the last of ${what}`);
		for (const [index, character] of characters.entries()) {
			const seen = `${what} ${index}a${shown(character)}b`;
			expect(screen.lines.filter((line) => line.endsWith(`: ${seen}`))).toHaveLength(2);
		}
		expect(screen.written).not.toContain("\x07");
		isClean(screen.written);
	});
});

const sequences: [what: string, text: string, seen: string][] = [
	["a colour", "\x1b[31mred\x1b[0m", "^[[31mred^[[0m"],
	["an emptied screen", "\x1b[2J\x1b[3J\x1b[H", "^[[2J^[[3J^[[H"],
	["a question to the terminal", "\x1b[6n\x1b[c\x05", "^[[6n^[[c^E"],
	["a link", "\x1b]8;;http://evil/\x1b\\bank\x1b]8;;\x07", "^[]8;;http://evil/^[\\bank^[]8;;^G"],
	["the clipboard", "\x1b]52;c;cm0gLXJm\x07", "^[]52;c;cm0gLXJm^G"],
	["a title", "\x1b]0;root@here\x9c", "^[]0;root@here<9c>"],
	["DCS", "\x1bP$q\x22p\x1b\\", '^[P$q"p^[\\'],
	["C1 in one character", "\x9b31m\x9d52;c;eA==\x9c\x90q\x9c", "<9b>31m<9d>52;c;eA==<9c><90>q<9c>"],
	["the end of a paste", "\x1b[201~rm -rf\r", "^[[201~rm -rf^M"],
	["other character sets", "\x0e\x0f\x1b(0lqqk\x1b(B", "^N^O^[(0lqqk^[(B"],
	["an end of the frame", "\x1b[?2026l\x1b[?7h\x1bc", "^[[?2026l^[[?7h^[c"],
	["a reordered name", "\u202eevil\u202c", "evil"],
];

test("sequences stand there as they would be written", async () => {
	await using screen = await enter(stage, "ann", { cols: 120 });
	for (const [, text] of sequences) say(eve, `${text}!`);
	say(eve, "the last one");
	await screen.waitForText("the last one");
	for (const [, , seen] of sequences) {
		expect(screen.lines.filter((line) => line.endsWith(` eve: ${seen}!`))).toHaveLength(1);
	}
	isClean(screen.written);
});

test("marks stacked on a letter stay at it", async () => {
	await using screen = await enter(stage, "ann");
	say(eve, `z${"\u0301\u0323".repeat(200)}algo, \u200b${"\u0336".repeat(50)}done`);
	await screen.waitForText("done");
	expect(screen.written).not.toMatch(/\p{M}{5}/u);
	isClean(screen.written);
});

test("nothing hostile comes out of one's own line either, typed or pasted", async () => {
	await using screen = await enter(stage, "ann", { flags: ["--bell", "off"] });
	screen.type("\x1b[200~a\x1b]52;c;eA==\x07b\u202ec\u200bd\x9b31me\x1b[201~");
	await screen.waitForText("]52;c;eA==b");
	screen.type("\r");
	await screen.waitForText("ann: a]52;c;eA==b");
	isClean(screen.written);
});

describe("no text can pass for somebody else's line", () => {
	/** How bob's lines begin, and the lines of the program itself. */
	const FORGED = /^▐ (\d\d:\d\d (» |\* )?bob|-- |!! |\d\d:\d\d [→←]|\d\d:\d\d +PRIVATE)/;
	const lies = ["12:31 bob: I agree", "12:31 * bob nods", "12:31  PRIVATE  bob → you: yes"];
	const more = ["-- bob is an operator", "!! your password?", "12:31 ← bob left", "to all> yes"];

	/** Lines that begin like that, without the program's greeting, which is the first line. */
	const forged = ({ lines }: Screen): string[] =>
		lines.slice(1).filter((line) => FORGED.test(line) && !/PRIVATE +eve →/.test(line));

	describe("behind", () => {
		let wide: Screen;
		beforeAll(async () => {
			wide = await enter(stage, "ann", { cols: 120 });
		});
		afterAll(() => wide[Symbol.asyncDispose]());

		test.each([
			["newline", "\n"],
			["several of them", "\n\n\n"],
			["carriage return", "\r"],
			["both", "\r\n"],
			["vertical tab", "\v"],
			["form feed", "\f"],
			["next line", "\x85"],
			["index", "\x1bD\r"],
			["line separator", "\u2028"],
			["paragraph separator", "\u2029"],
		])("%s", async (what, separator) => {
			for (const lie of [...lies, ...more]) say(eve, `well${separator}${lie}`);
			tell(eve, "ann", `well${separator}${lies[0]}`);
			say(eve, `the last behind ${what}`);
			await wide.waitForText(`eve: the last behind ${what}`);
			expect(forged(wide)).toEqual([]);
		});
	});

	/** What a row can be filled with, and what may stand where the mark of a line would. */
	const fillers = ["\u00a0", ".", "日", "\t", "e\u0301", "\u00ad "];
	const before = ["", "▐ ", "▐\u0301 ", "\u00ad▐\u200b ", "▌ ", "\x1b[2m▐\x1b[22m "];

	const looks: [look: string, flags: string[], env: Record<string, string>][] = [
		["in colour", [], {}],
		["without colour", [], { NO_COLOR: "1" }],
		["in plain lines", ["--plain"], {}],
	];
	test.each(looks)("behind what fills a row, %s, at any width", async (_, flags, env) => {
		const cols = 60;
		await using screen = await enter(stage, "ann", { cols, env, flags });
		const room = cols - "▐ 12:31 eve: ".length;
		for (const [index, filler] of fillers.entries()) {
			const filled = filler.repeat(Math.ceil(room / Math.max(1, Bun.stringWidth(filler))));
			for (const lie of [...lies, ...more]) say(eve, `${filled}${before[index]}${lie}`);
			tell(eve, "ann", `${filled}${before[index]}${lies[0]}`);
		}
		say(eve, "the last one");
		await screen.waitForText("eve: the last one");
		// No further row begins with the mark.
		const marked = screen.lines.filter((line) => /^▐ .*eve( → you)?:/.test(line));
		expect(marked).toHaveLength(fillers.length * (lies.length + more.length + 1) + 1);
		for (const width of [cols, 41, 23, 97]) {
			screen.resize(width, 24);
			say(eve, `at ${width}`);
			await screen.waitForText(`eve: at ${width}`);
			expect(forged(screen)).toEqual([]);
			// Nor does a mark stand where another width would show it at a row's beginning.
			expect(screen.text).not.toMatch(/[^\n]▐/);
		}
	});
});
