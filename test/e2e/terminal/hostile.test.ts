import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
	BEFORE,
	CHARACTERS,
	FILLERS,
	LIES,
	SEPARATORS,
	SEQUENCES,
} from "../../support/hostile-texts.ts";
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

describe("between two letters", () => {
	let screen: Screen;
	beforeAll(async () => {
		screen = await enter(stage, "ann", { flags: ["--bell", "off"] });
	});
	afterAll(() => screen[Symbol.asyncDispose]());

	test.each(CHARACTERS)("%s", async (what, characters, shown) => {
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

test("sequences stand there as they would be written", async () => {
	await using screen = await enter(stage, "ann", { cols: 120 });
	for (const [, text] of SEQUENCES) say(eve, `${text}!`);
	say(eve, "the last one");
	await screen.waitForText("the last one");
	for (const [, , seen] of SEQUENCES) {
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
	/** Lines that begin like that, without the program's greeting, which is the first line. */
	const forged = ({ lines }: Screen): string[] =>
		lines.slice(1).filter((line) => FORGED.test(line) && !/PRIVATE +eve →/.test(line));

	describe("behind", () => {
		let wide: Screen;
		beforeAll(async () => {
			wide = await enter(stage, "ann", { cols: 120 });
		});
		afterAll(() => wide[Symbol.asyncDispose]());

		test.each(SEPARATORS)("%s", async (what, separator) => {
			for (const lie of LIES) say(eve, `well${separator}${lie}`);
			tell(eve, "ann", `well${separator}${LIES[0]}`);
			say(eve, `the last behind ${what}`);
			await wide.waitForText(`eve: the last behind ${what}`);
			expect(forged(wide)).toEqual([]);
		});
	});

	const looks: [look: string, flags: string[], env: Record<string, string>][] = [
		["in colour", [], {}],
		["without colour", [], { NO_COLOR: "1" }],
		["in plain lines", ["--plain"], {}],
	];
	test.each(looks)("behind what fills a row, %s, at any width", async (_, flags, env) => {
		const cols = 60;
		await using screen = await enter(stage, "ann", { cols, env, flags });
		const room = cols - "▐ 12:31 eve: ".length;
		for (const [index, filler] of FILLERS.entries()) {
			const filled = filler.repeat(Math.ceil(room / Math.max(1, Bun.stringWidth(filler))));
			for (const lie of LIES) say(eve, `${filled}${BEFORE[index]}${lie}`);
			tell(eve, "ann", `${filled}${BEFORE[index]}${LIES[0]}`);
		}
		say(eve, "the last one");
		await screen.waitForText("eve: the last one");
		// No further row begins with the mark.
		const marked = screen.lines.filter((line) => /^▐ .*eve( → you)?:/.test(line));
		expect(marked).toHaveLength(FILLERS.length * (LIES.length + 1) + 1);
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
