import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { bundled } from "./bundled.ts";

// What a page does with more than anyone can read. How fast it is, test/bench/page.ts measures.

const stage = await Stage.openWith(
	{ isLocal: true, isPaged: true },
	...["--message-rate", "1000000", "--message-burst", "1000000"],
);
const browser = await TestBrowser.launch();
const guest = await Guest.join(stage, "guest");
const ann = await browser.open(stage.url.href);
await ann.logIn("ann", PASSWORD);
const log = ann.transcript;
const below = ann.page.getByRole("button", { name: /below/ });
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

/** See transcript-probe.ts. */
declare const overfill: (
	elements: number,
	characters: number,
) => Promise<{ readonly before: number; readonly after: number; readonly moved: number }>;
declare const jump: () => Promise<{ readonly asked: number; readonly reached: number }>;
declare const pass: (doing: Doing) => Promise<{
	readonly before: number;
	readonly atOnce: number;
	readonly after: number;
	readonly isInOrder: boolean;
}>;
type Doing = "nothing" | "select" | "reach a button" | "scroll up";

let said = 0;
const say = (text: string): void => guest.send({ type: "say", id: `${++said}`, text });

/** Says so many lines, a few at a time, and waits until the page has the last. */
async function flood(lines: number, text: (line: number) => string): Promise<void> {
	for (let line = 0; line < lines; line++) {
		say(text(line));
		// So that they come in many turns, and the page draws in between.
		if (line % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
	}
	say(`the end of ${lines} lines`);
	await eventually("the last line", async () => (await latest()).includes(`end of ${lines} lines`));
}

const latest = (): Promise<string> =>
	log.evaluate(({ lastElementChild: part }) => part?.lastElementChild?.textContent ?? "");

/** Pixels from the end of the transcript to what is in sight. */
const gap = (): Promise<number> =>
	log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);

test("it stays at the end, however fast lines come", async () => {
	await flood(3000, () => "a line of a busy room");
	await eventually("the end to be in sight", async () => (await gap()) < 5);
	expect(await below.isVisible()).toBe(false);
});

test("after another visit, too, whoever reads further up stays there when the window changes", async () => {
	const { page } = ann;
	await page.getByRole("button", { name: "Leave" }).click();
	await page.getByRole("button", { name: "Join again" }).click();
	await ann.logIn("ann", PASSWORD);
	await flood(300, () => "a line of the second visit");
	const place = (): Promise<number> => log.evaluate(({ scrollTop }) => scrollTop);
	await eventually("the end to be in sight", async () => (await gap()) < 5);
	// Again, if the view was on its way to the end.
	await eventually("the place", async () => {
		await log.evaluate((element) => {
			element.scrollTop = 500;
		});
		await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
		return (await place()) === 500;
	});
	for (const height of [500, 700, 600]) {
		await page.setViewportSize({ width: 768, height });
		await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
		expect(await place()).toBe(500);
	}
});

test.each([
	{ what: "many elements", elements: 600, characters: 100 },
	{ what: "long texts", elements: 5, characters: 100_000 },
])("rows with $what are fewer, and who has scrolled up stays where they read", async (row) => {
	const { elements, characters } = row;
	const { page, context } = await browser.open("about:blank");
	await page.addScriptTag({ content: await bundled("transcript-probe.ts") });
	const filled = ([each, length]: readonly [number, number]) => overfill(each, length);
	const { before, after, moved } = await page.evaluate(filled, [elements, characters] as const);
	expect(before).toBeWithin(100, 400);
	// As many as came have gone, or more.
	expect(after).toBeWithin(100, before + 1);
	expect(moved).toBeLessThan(2);
	await context.close();
});

test("who jumps through the transcript stays where they went", async () => {
	const { page, context } = await browser.open("about:blank");
	await page.addScriptTag({ content: await bundled("transcript-probe.ts") });
	const { asked, reached } = await page.evaluate(() => jump());
	expect(asked).toBeGreaterThan(10_000);
	expect(reached).toBe(asked);
	await context.close();
});

describe("what scrolls past unread is not drawn", () => {
	let probe: PersonPage;
	beforeAll(async () => {
		probe = await browser.open("about:blank");
		await probe.page.addStyleTag({ path: "lib/page/styles/transcript.css" });
		await probe.page.addScriptTag({ content: await bundled("transcript-probe.ts") });
	});
	afterAll(() => probe.context.close());
	const run = (doing: Doing) => probe.page.evaluate((how) => pass(how), doing);

	test("until no more comes", async () => {
		const { before, atOnce, after, isInOrder } = await run("nothing");
		expect({ before, after, isInOrder }).toEqual({ before: 100, after: 1100, isInOrder: true });
		expect(atOnce).toBeWithin(1, 100);
	});

	test("or the user scrolls up", async () => {
		const { atOnce, after, isInOrder } = await run("scroll up");
		expect(atOnce).toBeLessThan(100);
		// The last ones may wait for their turn.
		expect(after).toBeGreaterThan(1000);
		expect(isInOrder).toBe(true);
	});

	test.each(["select", "reach a button"] as const)("nor while users %s", async (doing) => {
		const { atOnce, after, isInOrder } = await run(doing);
		expect(atOnce).toBeGreaterThan(1000);
		expect({ after, isInOrder }).toEqual({ after: 1100, isInOrder: true });
	});
});
