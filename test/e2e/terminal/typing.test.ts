import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, replay, say, textsFrom, waitForMessage, waitUntilTyped } from "./visit.ts";

// The line being typed, while messages appear above it.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const LEFT = "\x1b[D";
const UP = "\x1b[A";
const DOWN = "\x1b[B";

/** The numbers of bob's messages on the terminal, from the top of its scrollback. */
const numbersOn = (screen: Screen): number[] =>
	Array.from(screen.text.matchAll(/bob: message (\d+)$/gm), ([, number]) => Number(number));

test("200 messages arrive: nothing typed is disturbed, each is there once and in order", async () => {
	await using screen = await enter(stage, "ann", { cols: 60, rows: 12 });
	const text = "I type this in the middle of it";
	let next = 0;
	const arrive = (count: number): void => {
		for (const end = next + count; next < end; next++) say(bob, `message ${next}`);
	};
	for (let end = 1; end <= text.length; end++) {
		arrive(5);
		screen.type(text.charAt(end - 1));
		await waitUntilTyped(screen, `${text.slice(0, end)}|`.replace(" |", " |"));
	}
	screen.type(LEFT.repeat(9));
	const [before, after] = [text.slice(0, -9), text.slice(-9)];
	await waitUntilTyped(screen, `${before}|${after}`);
	arrive(200 - next);
	await screen.waitForText("message 199");
	await waitUntilTyped(screen, `${before}|${after}`);
	screen.type("X\r");
	await waitForMessage(bob, { type: "said", from: "ann" });
	expect(textsFrom(bob, "ann")).toEqual([`${before}X${after}`]);
	await screen.waitForText(`ann: ${before}X${after}`);
	expect(numbersOn(screen)).toEqual(Array.from({ length: 200 }, (_, number) => number));
});

describe("the cursor stands right behind", () => {
	const texts: [string, text: string, last: string][] = [
		["wide characters", "日本語の文", "章"],
		["Hangul of wide syllables", "한국", "어"],
		["emoji of one code point", "🦜🦀", "🌍"],
		["a letter with its accent apart", "cafe\u0301 u", "n\u0303"],
		["several marks on one letter", "a\u0301\u0323b", "o\u0302\u0301"],
		["a letter of two joined ones", "नम", "स्ते"],
	];
	let screen: Screen;
	beforeAll(async () => {
		screen = stage.tidy(await enter(stage, "ann"));
	});
	test.each(texts)("%s", async (_, text, last) => {
		const waitUntilCursorAt = (before: string): Promise<unknown> =>
			eventually(`the cursor behind ${before}`, async () => {
				const { buffer } = await replay(screen.written);
				const line = buffer.active.getLine(buffer.active.baseY + buffer.active.cursorY);
				return line?.translateToString(false, 0, buffer.active.cursorX) === `to all> ${before}`;
			});
		screen.type(`${text}${last}`);
		await waitUntilCursorAt(`${text}${last}`);
		screen.type(LEFT);
		await waitUntilCursorAt(text);
		screen.type("X");
		await waitUntilCursorAt(`${text}X`);
		screen.type("\r");
		await waitForMessage(bob, { type: "said", text: `${text}X${last}` });
	});
});

test("Ctrl-L empties the screen, but neither the line nor what has scrolled away", async () => {
	await using screen = await enter(stage, "ann", { cols: 60, rows: 8 });
	for (let i = 0; i < 20; i++) say(bob, `scrolled ${i}`);
	await screen.waitForText("scrolled 19");
	screen.type(`half a line${LEFT}\x0c`);
	await eventually("an empty screen", () => !screen.text.includes("scrolled 19"));
	await waitUntilTyped(screen, "half a lin|e");
	// As in a shell, Ctrl-L leaves the scrollback alone.
	expect(screen.text).toContain("scrolled 0\n");
	expect(screen.text).toContain("scrolled 10\n");
});

test("the history goes through what was said, and gives the unfinished line back", async () => {
	await using screen = await enter(stage, "ann");
	for (const text of ["first thing", "second thing"]) {
		screen.type(`${text}\r`);
		await waitForMessage(bob, { type: "said", from: "ann", text });
	}
	screen.type(`unfinished${LEFT}${UP}`);
	await waitUntilTyped(screen, "second thing|");
	screen.type(UP);
	await waitUntilTyped(screen, "first thing|");
	screen.type(`${DOWN}${DOWN}`);
	await waitUntilTyped(screen, "unfinishe|d");
	screen.type(`${UP}${UP}!\r`);
	await waitForMessage(bob, { type: "said", from: "ann", text: "first thing!" });
	await waitUntilTyped(screen, "|");
});

test("Ctrl-R finds what was said, Escape gives the draft back; Ctrl-_ undoes, even Ctrl-C", async () => {
	await using screen = await enter(stage, "dora");
	for (const text of ["apples and pears", "plums"]) {
		screen.type(`${text}\r`);
		await waitForMessage(bob, { type: "said", from: "dora", text });
	}
	screen.type("half a ");
	await waitUntilTyped(screen, "half a |");
	screen.type("line\x12pea");
	await screen.waitForText(/^search: pea> apples and pears$/m);
	expect(screen.cursor.column).toBe("search: pea> apples and ".length);
	screen.type("\x1b");
	await waitUntilTyped(screen, "half a line|");
	screen.type("\x12pea\r");
	await waitUntilTyped(screen, "apples and pears|");
	screen.type("\x1f");
	await waitUntilTyped(screen, "half a line|");
	screen.type("\x03");
	await waitUntilTyped(screen, "|");
	screen.type("\x1f");
	await waitUntilTyped(screen, "half a line|");
	screen.type("\x1f");
	await waitUntilTyped(screen, "half a |");
	screen.type("\x12apples\r\r");
	await eventually("said twice", () => textsFrom(bob, "dora").length === 3);
	expect(textsFrom(bob, "dora")).toEqual(["apples and pears", "plums", "apples and pears"]);
});

test("Ctrl-C clears the line and says what it does to an empty one; Ctrl-D deletes", async () => {
	await using screen = await enter(stage, "ann");
	screen.type("never said\x03");
	await screen.waitForText(/Line cleared\. Press Ctrl-C again to leave\.$/m);
	await waitUntilTyped(screen, "|");
	screen.type(`abc${LEFT}${LEFT}\x04`);
	await waitUntilTyped(screen, "a|c");
	screen.type("\r");
	await waitForMessage(bob, { type: "said", from: "ann", text: "ac" });
	expect(textsFrom(bob, "ann")).not.toContain("never said");
});

test("blank lines are not said, nor are blanks at the end of one", async () => {
	await using screen = await enter(stage, "carl");
	screen.type("\r   \r\x15something  \r");
	await waitForMessage(bob, { type: "said", from: "carl" });
	expect(textsFrom(bob, "carl")).toEqual(["something"]);
});
