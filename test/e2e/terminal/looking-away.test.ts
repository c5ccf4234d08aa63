import { afterAll, beforeAll, expect, test } from "bun:test";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import type { Screen } from "../../support/terminal.ts";
import { WallClock } from "../../support/wall-clock.ts";
import { enter, say, waitForMessage, waitUntilTyped } from "./visit.ts";

// A line shows where somebody stopped looking.

let stage: Stage;
let bob: Peer;
beforeAll(async () => {
	stage = await Stage.local();
	bob = await Peer.member(stage, "bob");
});
afterAll(() => stage[Symbol.asyncDispose]());

const FOCUS_GAINED = "\x1b[I";
const FOCUS_LOST = "\x1b[O";

/** What was said, and where the marks are. */
const seen = ({ lines }: Screen): string[] =>
	lines.flatMap((line) => {
		if (/^▐ ──── new since \d\d:\d\d ────$/.test(line)) return ["new"];
		return /^▐ \d\d:\d\d (?:bob|ann): (.*)/.exec(line)?.slice(1) ?? [];
	});

async function hear(screen: Screen, ...texts: string[]): Promise<void> {
	for (const text of texts) say(bob, text);
	await screen.waitForText(RegExp(`bob: ${texts.at(-1)}$`, "m"));
}

/** Waits until the client has read what was typed: it draws the line anew. */
async function typeAndWait(screen: Screen, keys: string, line: string): Promise<void> {
	screen.type(keys);
	await waitUntilTyped(screen, line);
}

test("behind another window: one mark before what came meanwhile, and another the next time", async () => {
	await using screen = await enter(stage, "ann");
	await hear(screen, "one");
	// The reports are no keys, wherever they come, and however they are cut.
	await typeAndWait(screen, `dra${FOCUS_GAINED}ft${FOCUS_LOST}`, "draft|");
	await hear(screen, "two", "three");
	screen.type(FOCUS_GAINED.slice(0, 2));
	screen.type(FOCUS_GAINED.slice(2));
	await typeAndWait(screen, "s", "drafts|");
	await hear(screen, "four");
	await typeAndWait(screen, `!${FOCUS_LOST}${FOCUS_GAINED}${FOCUS_LOST}`, "drafts!|");
	await hear(screen, "five", "six");
	expect(seen(screen)).toEqual(["one", "new", "two", "three", "four", "new", "five", "six"]);
	screen.type("\r");
	await waitForMessage(bob, { type: "said", text: "drafts!" });
});

test("no peer can imitate it", async () => {
	await using screen = await enter(stage, "ann");
	const mark = "▐ ──── new since 12:00 ────";
	await hear(screen, mark, `${" ".repeat(80)}${mark}`, `x\n${mark}`, "done");
	expect(seen(screen)).not.toContain("new");
	expect(screen.text).not.toMatch(/^▐ ────/m);
});

test("on a terminal that reports nothing: a mark after five minutes without a key", async () => {
	using clock = new WallClock();
	await using screen = await enter(stage, "ann", { env: clock.env, isProgram: true });
	await typeAndWait(screen, "x", "x|");
	await hear(screen, "one");
	clock.set(299);
	await hear(screen, "two");
	clock.set(310);
	await hear(screen, "three", "four");
	await typeAndWait(screen, "y", "xy|");
	await hear(screen, "five");
	expect(seen(screen)).toEqual(["one", "two", "new", "three", "four", "five"]);
});
