import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { enter, replay, say, waitForMessage, waitUntilTyped } from "./visit.ts";

// Terminals of all sizes, also such as a person resizes while typing.

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const LEFT = "\x1b[D";

/** The numbers of the messages on a terminal, from the top, however it breaks its lines. */
const numbersOn = ({ lines }: { lines: string[] }): number[] =>
	Array.from(lines.join("").matchAll(/number-(\d+)-of-many/g), ([, number]) => Number(number));

/** Without blanks, because a blank at the end of a row is invisible. */
const TYPED = Array.from({ length: 25 }, (_, word) => `w${word + 10}.`).join("");

/** The rows of the typed line in a width of `cols`; the last column stays free. */
function rowsOf(cols: number): string[] {
	const rows = [`to all> ${TYPED.slice(0, cols - 9)}`];
	for (let at = cols - 9; at < TYPED.length; at += cols - 3) {
		rows.push(`┊ ${TYPED.slice(at, at + cols - 3)}`);
	}
	return rows;
}

const sizes: [name: string, ...sizes: [cols: number, rows: number][]][] = [
	["narrower and wider", [60, 24], [41, 24], [80, 24], [200, 24]],
	["down to 20 columns, and back", [20, 24], [80, 24]],
	["lower and higher", [80, 10], [80, 40]],
	["narrower and lower in one", [30, 12], [100, 50]],
];

/** Types the line below eight messages, with the cursor where `picture` has a `|`. */
async function typing(picture: string, isProgram = false): Promise<Screen> {
	const screen = await enter(stage, "ann", { isProgram });
	for (let i = 0; i < 8; i++) say(bob, `number-${i}-of-many`);
	await screen.waitForText("number-7-of-many");
	screen.type(`${TYPED}${LEFT.repeat(TYPED.length - picture.indexOf("|"))}`);
	await waitUntilTyped(screen, picture);
	return screen;
}

/** Resizes, and waits until the client has wrapped the line anew. */
async function resize(screen: Screen, cols: number, rows: number): Promise<void> {
	screen.resize(cols, rows);
	const expected = rowsOf(cols);
	const isDrawn = () => Bun.deepEquals(screen.lines.slice(-expected.length), expected);
	await eventually(`${cols} columns`, isDrawn, () => screen.text);
}

test.each(sizes)("resized in mid-word: %s", async (_, ...sizes) => {
	const picture = `${TYPED.slice(0, -10)}|${TYPED.slice(-10)}`;
	await using screen = await typing(picture);
	for (const [cols, rows] of sizes) {
		await resize(screen, cols, rows);
		await waitUntilTyped(screen, picture);
		// The client erased the old line completely, and nothing else.
		expect(screen.text.split("to all>")).toHaveLength(2);
		expect(numbersOn(screen)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
	}
	say(bob, "number-8-of-many");
	await eventually("one more", () => numbersOn(screen).length === 9);
	await waitUntilTyped(screen, picture);
	screen.type("!\r");
	await waitForMessage(bob, { type: "said", text: picture.replace("|", "!") });
});

test("resized with the cursor in the first of several rows: no message is lost", async () => {
	const picture = `${TYPED.slice(0, 50)}|${TYPED.slice(50)}`;
	// Here, and not above, the system tells it.
	await using screen = await typing(picture, true);
	for (const cols of [30, 100, 20, 80]) {
		await resize(screen, cols, 24);
		await waitUntilTyped(screen, picture);
		expect(numbersOn(screen)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
	}
});

test("in 20 columns, a private line under the longest name is seen to be one", async () => {
	await using screen = await enter(stage, "ann", { cols: 20, rows: 24 });
	const name = "a-name-of-24-characters.";
	await using _peer = await Peer.member(stage, name);
	for (let i = 0; i < 4; i++) say(bob, `number-${i}-of-many`);
	const waitForText = (text: string): Promise<unknown> =>
		eventually(
			text,
			() => screen.lines.join("").replaceAll("┊ ", "").endsWith(text),
			() => screen.text,
		);
	screen.type(`/tell ${name} secret`);
	await waitForText("characters. secret");
	expect(screen.lines.slice(-4).join("")).toContain("only");
	screen.resize(20, 20);
	screen.type("s");
	await waitForText("characters. secrets");
	expect(numbersOn(screen)).toEqual([0, 1, 2, 3]);
});

test("in 6 rows, a long line leaves nothing of itself behind", async () => {
	await using screen = await enter(stage, "ann", { cols: 40, rows: 6 });
	screen.type("x".repeat(400));
	await screen.waitForText(/x{30}/);
	for (let i = 0; i < 10; i++) {
		say(bob, `number-${i}-of-many`);
		await screen.waitForText(`number-${i}-of-many`);
	}
	screen.type("\x15");
	await waitUntilTyped(screen, "|");
	expect(screen.text).not.toContain("xx");
	expect(numbersOn(screen)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test.each([
	[20, 8],
	[300, 100],
])("%i columns and %i rows are enough to talk", async (cols, rows) => {
	await using screen = await enter(stage, "ann", { cols, rows });
	screen.type(`hello from ${cols}\r`);
	await waitForMessage(bob, { type: "said", text: `hello from ${cols}` });
	say(bob, `seen-in-${cols}`);
	await screen.waitForText(/bob:\s+seen-in/);
	await waitUntilTyped(screen, "|");
	screen.type("/leave\r");
	expect(await screen.exit()).toBe(0);
});

test("a link stays in one piece, however narrow the terminal", async () => {
	await using screen = await enter(stage, "ann", { cols: 40 });
	const link = `https://example.com/${"a-long-path/".repeat(8)}end`;
	say(bob, `see ${link}`);
	await screen.waitForText(/end$/m);
	const { buffer } = await replay(screen.written, 40);
	const rows = Array.from({ length: buffer.active.length }, (_, row) => buffer.active.getLine(row));
	const first = rows.findIndex((row) => row?.translateToString(true).includes("https://"));
	// The terminal itself wrapped the line, so it knows that these rows belong together.
	let whole = rows[first]?.translateToString(true) ?? "";
	for (const row of rows.slice(first + 1)) {
		if (!row?.isWrapped) break;
		whole += row.translateToString(true);
	}
	expect(whole).toContain(`see ${link}`);
});

test("the block is never erased from the very first cell on", async () => {
	await using screen = await enter(stage, "ann");
	screen.type("\x0chello");
	await waitUntilTyped(screen, "hello|");
	const emulator = await replay("");
	let fromTop = 0;
	emulator.parser.registerCsiHandler({ final: "J" }, ([what]) => {
		const { cursorX, cursorY } = emulator.buffer.active;
		if (what === 0 && cursorX === 0 && cursorY === 0) fromTop++;
		return false;
	});
	await new Promise<void>((resolve) => emulator.write(screen.written, resolve));
	// tmux takes that for clearing the screen, and keeps the old content in its scrollback.
	expect(fromTop).toBe(0);
});
