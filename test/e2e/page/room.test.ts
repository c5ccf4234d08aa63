import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import type { Locator, WebSocketRoute } from "playwright-core";
import { colourOf } from "../../../lib/client/util/name-colour.ts";
import { PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually, PATIENCE } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { PageLiar } from "../../support/page-liar.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, Stage } from "../../support/programs.ts";

// The room as a member sees it on the page.

const stage = await Stage.openWith(
	{ isLocal: true, isPaged: true },
	...["--owner", "bob@gmail.com", "--title", "Book club"],
);
const browser = await TestBrowser.launch();
let ann: PersonPage;
let bob: Bot;
/** The page's connection, which a test can hold back or cut. */
let link: WebSocketRoute;
let isHeld = false;
const held: (string | Buffer)[] = [];

beforeAll(async () => {
	bob = await stage.member("bob");
	const context = await browser.browser.newContext({ viewport: { width: 1000, height: 700 } });
	await context.routeWebSocket(/\/socket$/, (route) => {
		link = route;
		const server = route.connectToServer();
		server.onMessage((message) => {
			if (isHeld) held.push(message);
			else route.send(message);
		});
	});
	ann = new PersonPage(context, await context.newPage());
	ann.page.setDefaultTimeout(PATIENCE);
	await ann.page.goto(stage.url.href);
	await ann.logIn("ann", PASSWORD);
});
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

function release(): void {
	isHeld = false;
	for (const message of held.splice(0)) link.send(message);
}

const row = (text: string) => ann.page.locator(".row", { hasText: text });
const unsent = () => ann.page.getByRole("region", { name: "Not sent yet" });
const roster = () => ann.page.getByRole("complementary");
const field = () => ann.page.getByLabel("Message", { exact: true });
const isFocused = (at: { ownerDocument: { activeElement: unknown } }): boolean =>
	at === at.ownerDocument.activeElement;
const waitForFocus = (wanted: Locator): Promise<void> =>
	wanted.and(ann.page.locator(":focus")).waitFor();
/** What a row says, without its time. */
const textOf = async (text: string): Promise<string> =>
	((await row(text).first().textContent()) ?? "").replace(/^\d\d:\d\d /, "");

test("title, day, time, names in their colours, and lines of one person under one name", async () => {
	await ann.page.getByRole("heading", { name: "Book club" }).waitFor();
	expect(await ann.page.title()).toBe("Book club");
	for (const text of ["one of bob's", "two of bob's"]) bob.say(text);
	bob.send({ type: "say", text: "waves", me: true });
	bob.say("three of bob's");
	await ann.reads("three of bob's");
	const today = new Date().toLocaleDateString("en-US", { dateStyle: "full" });
	expect(await ann.page.getByText(today).count()).toBe(1);
	expect(await row("one of bob's").locator("time").textContent()).toMatch(/^\d\d:\d\d $/);
	const name = row("one of bob's").locator("b");
	expect(await name.getAttribute("class")).toContain(`colour-${colourOf("bob")}`);
	/** How wide the name is: of a line that goes on, it is there for those who listen. */
	const width = async (text: string) => (await row(text).locator("b").boundingBox())?.width ?? 0;
	const isNamed = (text: string) =>
		row(text)
			.getAttribute("class")
			.then((all) => !/continued/.test(all ?? ""));
	expect(await Promise.all(["one of", "two of", "waves", "three of"].map(isNamed))).toEqual([
		true,
		false,
		true,
		true,
	]);
	expect(await textOf("two of")).toBe("bob: two of bob's");
	expect(await width("one of")).toBeGreaterThan(10);
	expect(await textOf("waves")).toBe("bob waves");
});

test("a mention and a private line stand out, and say who can read them", async () => {
	bob.say("what says Ann?");
	bob.send({ type: "tell", to: "ann", text: "psst" });
	await ann.reads("psst");
	await ann.reads("what says Ann?");
	const background = (text: string) =>
		row(text).evaluate((element) => getComputedStyle(element).backgroundColor);
	const colours = await Promise.all(["one of", "what says", "psst"].map(background));
	expect(new Set(colours).size).toBe(3);
	expect(await textOf("psst")).toBe("PRIVATE bob → you: psst Reply");
	await ann.say("/tell bob to you too");
	await ann.reads("to you too");
	expect(await textOf("to you too")).toBe("PRIVATE you → bob: to you too Reply");
});
declare class MutationObserver {
	constructor(action: () => void);
	observe(element: unknown, options: object): void;
	disconnect(): void;
}
declare const requestAnimationFrame: (action: (value: unknown) => void) => void;
declare const getComputedStyle: (element: unknown) => { readonly backgroundColor: string };

describe("an own line", () => {
	test("is shown as pending while its echo is late, and then once", async () => {
		isHeld = true;
		await ann.say("a slow line");
		await unsent().getByText("Sending… a slow line").waitFor();
		expect(await unsent().getByRole("button").filter({ visible: true }).count()).toBe(0);
		release();
		await unsent().waitFor({ state: "hidden" });
		await ann.reads("a slow line");
		expect(await row("a slow line").count()).toBe(1);
	});

	test("that failed is sent again, or forgotten", async () => {
		bob.send({ type: "mute", name: "ann" });
		await ann.reads("bob muted ann");
		await ann.say("nobody hears");
		await unsent()
			.getByText(/Not sent: .* nobody hears/)
			.waitFor();
		await unsent().getByRole("button", { name: "Send again" }).click();
		await unsent()
			.getByText(/Not sent: .* nobody hears/)
			.waitFor();
		bob.send({ type: "unmute", who: "ann" });
		await ann.reads("bob unmuted ann");
		await unsent().getByRole("button", { name: "Send again" }).click();
		await bob.waitFor({ type: "said", text: "nobody hears" });
		await unsent().waitFor({ state: "hidden" });
		await waitForFocus(field());
		bob.send({ type: "mute", name: "ann" });
		await eventually("muted", async () => (await row("bob muted ann").count()) === 2);
		for (let i = 0; i < 7; i++) await ann.say(`line ${i}`);
		await unsent().getByText("… and 2 more").waitFor();
		await unsent().getByRole("button", { name: "Forget" }).click();
		await unsent().waitFor({ state: "hidden" });
		await waitForFocus(field());
		await ann.reads("Forgot 7 unsent messages.");
		bob.send({ type: "unmute", who: "ann" });
		await eventually("unmuted", async () => (await row("bob unmuted ann").count()) === 2);
	});
});

test("a cut connection is said in the header alone, and nothing is missed", async () => {
	isHeld = true;
	await link.close();
	const status = ann.page.getByRole("banner").getByRole("status");
	await status.getByText("Reconnecting.").waitFor();
	await ann.page.getByText("offline, to all").waitFor();
	await ann.say("said while away");
	bob.say("meanwhile");
	held.splice(0);
	isHeld = false;
	await link.close();
	await status.getByText("Connected again. You missed nothing.").waitFor();
	await ann.reads("meanwhile");
	await bob.waitFor({ type: "said", text: "said while away" });
	await ann.reads("said while away");
	await ann.page.getByText("to all", { exact: true }).waitFor();
	const rows = await ann.rows();
	expect(rows.filter((text) => /econnect|missed/.test(text))).toEqual([]);
	for (const text of ["meanwhile", "said while away"]) {
		expect(rows.filter((each) => each.includes(text))).toHaveLength(1);
	}
});

test("whoever reads further up is not moved, is told how much is new, and gets there by a click", async () => {
	for (let i = 0; i < 60; i++) bob.say(`filler ${i}`);
	await ann.reads("filler 59");
	const log = ann.transcript;
	const place = () => log.evaluate((element) => element.scrollTop);
	const isAtEnd = () => log.evaluate((at) => at.scrollHeight - at.scrollTop - at.clientHeight < 5);
	await eventually("the end", isAtEnd);
	await log.evaluate((element) => {
		element.scrollTop = 50;
	});
	await eventually("up", async () => (await place()) === 50);
	for (let i = 0; i < 3; i++) bob.say(`below ${i}`);
	await ann.page.getByRole("button", { name: "3 new lines below" }).click();
	await eventually("the end", isAtEnd);
	await waitForFocus(log);
	expect(await ann.page.getByRole("button", { name: /new line/ }).count()).toBe(0);
	await log.evaluate((element) => {
		element.scrollTop = 50;
	});
	await ann.say("my own line takes me to the end");
	await ann.reads("my own line");
	await eventually("the end", isAtEnd);
});

test("whoever follows goes on so when the view shrinks before a scroll is heard of", async () => {
	const log = ann.transcript;
	for (let i = 0; i < 60; i++) bob.say(`more ${i}`);
	await ann.reads("more 59");
	// After the frame in which the view went to its end, and before the one in which it hears of that.
	await log.evaluate((element) => {
		const shrink = () => {
			(element as unknown as { style: Record<string, string> }).style.maxHeight = "200px";
		};
		const observer = new MutationObserver(() => {
			observer.disconnect();
			requestAnimationFrame(() => setTimeout(shrink));
		});
		observer.observe(element, { childList: true, subtree: true });
	});
	bob.say("one more");
	await eventually("the end", () =>
		log.evaluate(
			(at) => at.clientHeight <= 200 && at.scrollHeight - at.scrollTop - at.clientHeight < 5,
		),
	);
	await log.evaluate((element) => {
		(element as unknown as { style: Record<string, string> }).style.maxHeight = "";
	});
});

describe("commands", () => {
	test("/save writes what was said, and nothing of the page", async () => {
		const saved = ann.page.waitForEvent("download");
		await ann.say("/save talk.txt");
		const download = await saved;
		expect(download.suggestedFilename()).toBe("talk.txt");
		const text = await readFile(await download.path(), "utf8");
		expect(text).toMatch(/^▐ \d\d:\d\d {2}PRIVATE {2}bob → you: psst$/m);
		expect(text).toMatch(/^▐ \d\d:\d\d bob: two of bob's$/m);
		expect(text).not.toMatch(/Reply|Show all|new line/);
		await ann.reads("lines as talk.txt.");
	});

	test("/time, /ignore, /more, /bell and /clear", async () => {
		await ann.say("/time off");
		bob.say("without a time");
		await ann.reads("without a time");
		expect(await row("without a time").locator("time").count()).toBe(0);
		await ann.say("/time long");
		await ann.say("/ignore bob");
		await ann.reads("You ignore bob now.");
		bob.say("unheard");
		await ann.say("/ignore bob");
		bob.say(`${Array.from({ length: 40 }, (_, i) => `row ${i}`).join("\n")}`);
		await ann.reads("row 11");
		expect(await row("row 11").locator("time").textContent()).toMatch(/^\d\d:\d\d:\d\d $/);
		expect(await ann.page.getByText("row 39").isVisible()).toBe(false);
		await ann.say("/more");
		await ann.page.getByText("row 39").waitFor();
		expect(await row("unheard").count()).toBe(0);
		await ann.say("/bell all");
		await ann.reads("/bell is now all.");
		await ann.say("/clear");
		await eventually("nothing", async () => (await ann.rows()).length === 0);
		await ann.page.reload();
		await ann.page.getByText("You missed nothing.").waitFor();
		expect(await row("one of bob's").count()).toBe(0);
	});
});

describe("when what has the keyboard goes away, the keyboard goes on", () => {
	const press = (name: string) =>
		ann.page.getByRole("button", { name, exact: true }).press("Enter");

	test("in the field after a line is dropped, and in a text after all of it is shown", async () => {
		await field().fill("/time short");
		await roster().getByRole("button", { name: "Write to bob privately" }).click();
		await press("Drop it");
		await waitForFocus(field());
		await field().fill("");
		bob.say(`${"long\n".repeat(30)}the end of it`);
		await press("Show all");
		await waitForFocus(row("the end of it").locator(".text").last());
	});

	test("at the heading of the members after one of them has left", async () => {
		const carl = await Peer.member(stage, "carl");
		await roster().getByRole("button", { name: "Write to carl privately" }).focus();
		carl.send({ type: "leave" });
		await waitForFocus(roster().getByRole("heading"));
	});

	test("in the field after another login", async () => {
		isHeld = true;
		await link.close();
		await ann.page.getByText("offline, to all").waitFor();
		const twin = await stage.member("ann");
		twin.send({ type: "leave" });
		await bob.waitFor({ type: "left", name: "ann" });
		held.splice(0);
		isHeld = false;
		await link.close();
		await ann.page.getByText("has given up your place").waitFor();
		await ann.logIn("ann", PASSWORD);
		await waitForFocus(field());
		await ann.page.keyboard.type("here again");
		await ann.page.keyboard.press("Enter");
		await ann.reads("here again");
	});
});

describe("at the width of a phone", () => {
	beforeAll(() => ann.page.setViewportSize({ width: 320, height: 600 }));

	test("the members are a panel, by keyboard and by touch", async () => {
		const button = ann.page.getByRole("button", { name: "Members (2)" });
		expect(await roster().isVisible()).toBe(false);
		expect(await button.getAttribute("aria-expanded")).toBe("false");
		await button.focus();
		await ann.page.keyboard.press("Enter");
		await roster().waitFor();
		expect(await button.getAttribute("aria-expanded")).toBe("true");
		expect(await roster().getByRole("heading").evaluate(isFocused)).toBe(true);
		await ann.page.keyboard.press("Escape");
		await roster().waitFor({ state: "hidden" });
		expect(await button.evaluate(isFocused)).toBe(true);
		await button.click();
		await ann.page.mouse.click(10, 300);
		await roster().waitFor({ state: "hidden" });
		await button.click();
		await roster().getByRole("button", { name: "Write to bob privately" }).click();
		await roster().waitFor({ state: "hidden" });
		expect(await field().inputValue()).toBe("/tell bob ");
		expect(await field().evaluate(isFocused)).toBe(true);
	});

	test("nothing is wider than the page", async () => {
		const isAsWide = await ann.page.evaluate(
			"document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight",
		);
		expect(isAsWide).toBe(true);
		expect(ann.faults).toEqual([]);
	});
});

test("the roster has addresses, who is an owner, and for how long somebody is away, as time goes by", async () => {
	const context = await browser.browser.newContext({ viewport: { width: 1000, height: 700 } });
	const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;
	await PageLiar.meet(context, ({ type }) =>
		type === "who"
			? [
					{
						type: "roster",
						at: Date.now(),
						members: [
							{ name: "ann", visit: "1", since: 0, address: "a***@gmail.com" },
							{ name: "zoe", visit: "2", since: 0, away: minutesAgo(5), address: "z***@gmail.com" },
							{ name: "carl", visit: "3", since: 0, address: "c***@gmail.com", owner: true },
						],
					},
				]
			: undefined,
	);
	const page = await context.newPage();
	await page.clock.install();
	await page.goto(stage.url.href);
	const other = new PersonPage(context, page);
	await other.logIn("ann", PASSWORD);
	const entries = page.getByRole("complementary").getByRole("listitem");
	await entries.getByText("away for 5 min").waitFor();
	const texts = await entries.allTextContents();
	expect(texts[0]).toStartWith("ann (you)a***@gmail.com");
	expect(texts[1]).toStartWith("carl (an owner)c***@gmail.com");
	expect(texts[2]).toStartWith("zoez***@gmail.comaway for 5 min");
	await page.getByLabel("Message", { exact: true }).fill("/tell zoe hi");
	await page.getByText(/^to zoe only, away since \d\d:\d\d/).waitFor();
	// A row that has the keyboard keeps it.
	const write = entries.getByRole("button", { name: "Write to zoe privately" });
	await write.focus();
	await page.clock.fastForward(120_000);
	await entries.getByText("away for 7 min").waitFor();
	expect(await write.evaluate(isFocused)).toBe(true);
	await write.click();
	expect(other.faults).toEqual([]);
	await context.close();
});
