import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CDPSession } from "playwright-core";
import { PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually, PATIENCE } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";

// What a member is told who looks at another window.

const stage = await Stage.openWith({ isLocal: true, isPaged: true });
const browser = await TestBrowser.launch();
let ann: PersonPage;
let bob: Bot;
let focus: CDPSession;

/** Stands in for the system's notifications, which no test can read, and for the user's answer. */
const NOTIFICATIONS = `
	globalThis.shown = [];
	globalThis.asked = 0;
	globalThis.Notification = class {
		static permission = "default";
		static async requestPermission() {
			asked++;
			return (this.permission = "granted");
		}
		constructor(title, options) {
			shown.push({ title, ...options });
		}
	};`;

const notified = (): Promise<{ title: string; body: string }[]> => ann.page.evaluate("shown");

beforeAll(async () => {
	bob = await stage.member("bob");
	const context = await browser.browser.newContext({ viewport: { width: 900, height: 700 } });
	await context.addInitScript(NOTIFICATIONS);
	ann = new PersonPage(context, await context.newPage());
	ann.page.setDefaultTimeout(PATIENCE);
	// Otherwise every page believes that it has the keyboard.
	focus = await context.newCDPSession(ann.page);
	await ann.page.goto(stage.url.href);
	await ann.logIn("ann", PASSWORD);
});
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

/** Looks at the page, or elsewhere. */
async function look(isHere: boolean): Promise<void> {
	await focus.send("Emulation.setFocusEmulationEnabled", { enabled: isHere });
	if (isHere) await ann.page.bringToFront();
	else await (await ann.context.newPage()).bringToFront();
	await eventually(
		"focus",
		async () => (await ann.page.evaluate("document.hasFocus()")) === isHere,
	);
}

const icon = (): Promise<string> =>
	ann.page.evaluate("document.querySelector('link[rel=icon]').href");

test("whoever looks on is told nothing, and asked nothing", async () => {
	bob.say("seen");
	await ann.reads("seen");
	expect(await ann.page.title()).toBe("fernet-chat");
	expect(await ann.page.getByText(/new since/).count()).toBe(0);
	expect(await ann.page.evaluate("asked")).toBe(0);
	expect(await notified()).toEqual([]);
});

test("what comes meanwhile is counted in title and icon, and marked where it begins", async () => {
	const plain = await icon();
	await look(false);
	for (const text of ["first unseen", "second unseen"]) bob.say(text);
	await ann.reads("second unseen");
	expect(await ann.page.title()).toBe("(2) fernet-chat");
	expect(decodeURIComponent(await icon())).toMatch(/^data:image\/svg\+xml,.*>2<\/text>/);
	const mark = ann.page.getByText(/^new since \d\d:\d\d$/);
	expect(await mark.count()).toBe(1);
	const order = await ann.transcript.textContent();
	expect(order).toMatch(/seen.*new since \d\d:\d\d.*first unseen.*second unseen/s);
	// Behind the mark, the name is to be seen, though it is the same person's line.
	const first = ann.page.locator(".row", { hasText: "first unseen" });
	expect((await first.locator("b").boundingBox())?.width).toBeGreaterThan(5);
	expect(await first.getAttribute("class")).not.toContain("continued");
	await look(true);
	expect(await ann.page.title()).toBe("fernet-chat");
	expect(await icon()).toBe(plain);
	// Until the next time, it shows where to read on.
	expect(await mark.count()).toBe(1);
	await look(false);
	for (let i = 0; i < 101; i++) bob.say(`unseen ${i}`);
	await ann.reads("unseen 100");
	expect(await ann.page.title()).toBe("(99+) fernet-chat");
	expect(await mark.count()).toBe(1);
	await ann.page.keyboard.press("Shift");
	expect(await ann.page.title()).toBe("fernet-chat");
});

test("who joins and leaves is no news to count", async () => {
	await look(true);
	await look(false);
	const carl = await stage.member("carl");
	await ann.reads("carl joined");
	carl.send({ type: "leave" });
	await ann.reads("carl left");
	expect(await ann.page.title()).toBe("fernet-chat");
});

test("notifications are asked for on a click alone, and come as /bell says, as text", async () => {
	await look(true);
	const button = ann.page.getByRole("button", { name: "Notify me" });
	await button.click();
	await ann.reads("You will be notified while you look elsewhere");
	expect(await button.isVisible()).toBe(false);
	await ann.page.getByLabel("Message").and(ann.page.locator(":focus")).waitFor();
	expect(await ann.page.evaluate("asked")).toBe(1);
	bob.say("ann: looked at");
	await ann.reads("looked at");
	await look(false);
	bob.say("for nobody");
	bob.say("hello ann <b>\u202e\x1b[1m");
	bob.send({ type: "tell", to: "ann", text: "x".repeat(500) });
	await ann.reads("PRIVATE");
	await ann.reads("hello ann");
	const byTitle = (await notified()).toSorted((a, b) => a.title.localeCompare(b.title));
	expect(byTitle).toEqual([
		{ title: "bob", body: "hello ann <b>^[[1m", tag: "fernet-chat" },
		{ title: "PRIVATE from bob", body: "x".repeat(200), tag: "fernet-chat" },
	] as object[] as never);
	await look(true);
	await ann.say("/bell off");
	await ann.reads("/bell is now off.");
	await look(false);
	bob.say("ann, are you there?");
	await ann.reads("are you there");
	expect(await notified()).toHaveLength(2);
	await look(true);
	await ann.say("/bell all");
	await ann.reads("/bell is now all.");
	await look(false);
	bob.say("for everybody");
	await ann.reads("for everybody");
	expect((await notified()).at(-1)).toMatchObject({ title: "bob", body: "for everybody" });
	expect(ann.faults).toEqual([]);
});
