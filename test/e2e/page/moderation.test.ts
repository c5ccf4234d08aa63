import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually, PATIENCE } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, Stage } from "../../support/programs.ts";

// What owners can do by the page, and what is asked before it cannot be undone.

const stage = await Stage.openWith(
	{ isLocal: true, isPaged: true },
	...["--owner", "ann@gmail.com", "--title", "Book club"],
);
const browser = await TestBrowser.launch();
let ann: PersonPage;
let bob: Bot;

beforeAll(async () => {
	bob = await stage.member("bob");
	ann = await browser.open(stage.url.href);
	ann.page.setDefaultTimeout(PATIENCE);
	await ann.logIn("ann", PASSWORD);
});
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

const dialog = () => ann.page.getByRole("dialog");
const field = () => ann.page.getByLabel("Message", { exact: true });

/** Chooses from the menu of a member, or of the room. */
async function choose(opener: string | RegExp, item: string): Promise<void> {
	await ann.page.getByRole("button", { name: opener, exact: true }).click();
	await ann.page.getByRole("menuitem", { name: item, exact: true }).click();
}

const aboutBob = "What to do about bob";

/** The page's clock: stands still, or goes on from a second after it did. */
const CLOCKS = {
	still: "performance.now = ((now) => () => now)(performance.now())",
	later:
		"performance.now = ((ahead) => () => Performance.prototype.now.call(performance) + ahead)(performance.now() + 1000 - Performance.prototype.now.call(performance))",
};

const isActive = (element: { ownerDocument: { activeElement: unknown } }): boolean =>
	element === element.ownerDocument.activeElement;

test("mute and unmute by menu, and by the commands that do the same", async () => {
	await choose(aboutBob, "Mute");
	await bob.waitFor({ type: "muted", name: "bob", by: "ann" });
	await choose(aboutBob, "Unmute");
	await bob.waitFor({ type: "unmuted", name: "bob" });
	await ann.say("/mute bob");
	await eventually("twice", () => bob.lines.filter(({ type }) => type === "muted").length === 2);
	await ann.say("/unmute bob");
	await choose(aboutBob, "Sign out all their devices");
	await ann.reads("No device was remembered.");
});

test("the menu is a menu to the keyboard, too", async () => {
	const opener = ann.page.getByRole("button", { name: aboutBob });
	await opener.focus();
	await ann.page.keyboard.press("Enter");
	const items = ann.page.getByRole("menuitem");
	expect(await items.first().evaluate(isActive)).toBe(true);
	expect(await opener.getAttribute("aria-expanded")).toBe("true");
	await ann.page.keyboard.press("ArrowUp");
	expect(await items.last().evaluate(isActive)).toBe(true);
	await ann.page.keyboard.press("Home");
	await ann.page.keyboard.press("ArrowDown");
	expect(await items.nth(1).evaluate(isActive)).toBe(true);
	await ann.page.keyboard.press("Escape");
	expect(await items.count()).toBe(0);
	expect(await opener.evaluate(isActive)).toBe(true);
	expect(await opener.getAttribute("aria-expanded")).toBe("false");
});

test("a second press of what opened a menu closes it, and a third opens it again", async () => {
	const menu = ann.page.getByRole("menu");
	const room = ann.page.getByRole("button", { name: "Room", exact: true });
	const bobs = ann.page.getByRole("button", { name: aboutBob });
	for (const opener of [room, bobs]) {
		for (const state of ["visible", "hidden", "visible", "hidden"] as const) {
			await opener.click();
			await menu.waitFor({ state });
			// A press that opens it again does so at once.
			await ann.page.evaluate(
				"new Promise((done) => requestAnimationFrame(() => setTimeout(done)))",
			);
			expect(await menu.isVisible()).toBe(state === "visible");
			expect(await opener.getAttribute("aria-expanded")).toBe(String(state === "visible"));
		}
	}
	// A press of another opens that one's, and the keyboard opens what a press has closed.
	await bobs.click();
	await room.click();
	await ann.page.getByRole("menuitem", { name: "Announce…" }).waitFor();
	await room.click();
	await menu.waitFor({ state: "hidden" });
	await room.press("Enter");
	await menu.waitFor();
	await ann.page.keyboard.press("Escape");
	await menu.waitFor({ state: "hidden" });
});

test("the room's title by menu: heading, window and everybody have it; what was typed is not lost", async () => {
	await field().fill("half a line");
	await choose("Room", "Change the title…");
	expect(await field().inputValue()).toBe("/title ");
	await ann.page.keyboard.type("Chess club");
	await ann.page.keyboard.press("Enter");
	await ann.page.getByRole("heading", { name: "Chess club" }).waitFor();
	await bob.waitFor({ type: "titled", title: "Chess club" });
	expect(await ann.page.title()).toBe("Chess club");
	expect(await field().inputValue()).toBe("half a line");
	await field().fill("");
	await choose("Room", "Announce…");
	await ann.page.keyboard.type("all out");
	await ann.page.keyboard.press("Enter");
	await bob.waitFor({ type: "announced", text: "all out" });
	// A page that is reloaded has the new title, which its welcome did not have.
	await ann.page.reload();
	await ann.page.getByRole("heading", { name: "Chess club" }).waitFor();
});

describe("a question", () => {
	test.each([
		["by menu", () => choose(aboutBob, "Remove from the room…")],
		["by command", () => ann.say("/kick bob")],
	])("%s: what is typed ahead answers nothing, Escape is a no", async (_, ask) => {
		await field().fill("");
		await ann.page.evaluate(CLOCKS.still);
		await ask();
		const text = "Remove bob (b***@gmail.com) from the room? They can log in again.";
		await dialog().getByText(text).waitFor();
		for (const key of ["Enter", "y", "Space", "Tab", "Enter"]) await ann.page.keyboard.press(key);
		expect(await dialog().isVisible()).toBe(true);
		await ann.page.evaluate(CLOCKS.later);
		await ann.page.keyboard.press("Escape");
		await dialog().waitFor({ state: "hidden" });
		expect(await field().evaluate(isActive)).toBe(true);
		await eventually("it", async () => (await ann.rows()).at(-1) === "Not done.");
	});

	test("is a no by Enter, and by No", async () => {
		for (const end of [() => ann.answer("No"), () => ann.page.keyboard.press("Enter")]) {
			await ann.page.evaluate(CLOCKS.still);
			await ann.say("/clear");
			await ann.say("/close");
			await dialog().getByText("Close the room for everybody? 2 people are here.").waitFor();
			await ann.page.evaluate(CLOCKS.later);
			await end();
			await ann.reads("Not done.");
			expect(await field().evaluate(isActive)).toBe(true);
		}
	});

	test("about somebody who leaves is withdrawn, and another of the name is not meant", async () => {
		const first = await Peer.member(stage, "carl");
		await ann.reads("carl joined");
		// What is typed to one of them changes nothing about whom the menu is for.
		await field().fill("/tell carl hello");
		await ann.page.getByRole("button", { name: "What to do about carl" }).click();
		await ann.page.getByRole("menuitem", { name: "Ban…" }).click();
		await dialog().getByText("Ban carl").waitFor();
		first.send({ type: "leave" });
		await dialog().waitFor({ state: "hidden" });
		await ann.reads("carl has left, so you need not answer any more.");
		expect(await field().evaluate(isActive)).toBe(true);
		const second = await Peer.member(stage, "carl");
		await ann.page.getByRole("button", { name: "What to do about carl" }).click();
		second.send({ type: "leave" });
		await eventually(
			"2 leaves",
			async () => (await ann.rows()).filter((row) => /carl left/.test(row)).length === 2,
		);
		// The menu is still there; whom it was opened for is not.
		const third = await Peer.member(stage, "carl");
		await eventually(
			"3 joins",
			async () => (await ann.rows()).filter((row) => /carl joined/.test(row)).length === 3,
		);
		await ann.page.getByRole("menuitem", { name: "Mute", exact: true }).click();
		await ann.page.locator(".problem", { hasText: "carl" }).waitFor();
		expect(third.messages.filter(({ type }) => type === "muted")).toEqual([]);
		await choose("What to do about carl", "Mute");
		await third.waitFor("muted");
		expect(await field().inputValue()).toBe("/tell carl hello");
	});

	test("with a yes removes, bans and lists", async () => {
		await ann.say("/kick bob too loud");
		await ann.answer("Yes");
		await bob.waitFor({ type: "closed", reason: "kicked" });
		await ann.reads("ann removed bob from the room: too loud");
		const dora = await stage.member("dora");
		await choose("What to do about dora", "Ban…");
		await ann.answer("Yes");
		await dora.waitFor({ type: "closed", reason: "banned" });
		await choose("Room", "List the banned accounts");
		await ann.reads("dora@gmail.com");
	});
});

test("nobody else is offered any of it, and a command of theirs is refused", async () => {
	const eve = await browser.open(stage.url.href, { viewport: { width: 1000, height: 700 } });
	eve.page.setDefaultTimeout(PATIENCE);
	await eve.logIn("eve", PASSWORD);
	await eve.page.getByRole("button", { name: "Write to ann privately" }).waitFor();
	expect(await eve.page.getByRole("button", { name: "Room", exact: true }).count()).toBe(0);
	expect(await eve.page.getByRole("button", { name: /What to do about/ }).count()).toBe(0);
	await eve.say("/kick ann");
	await eve.page.locator(".problem").first().waitFor();
	await eve.say("/help");
	await eve.reads("Shift-Enter");
	const help = (await eve.rows()).join("\n");
	for (const word of ["/kick", "Alt-Enter", "Ctrl-R"]) expect(help).not.toContain(word);
	expect(eve.faults).toEqual([]);
	await eve.context.close();
});

test("the room is closed by menu, and the page says so", async () => {
	await choose("Room", "Close the room…");
	await ann.answer("Yes");
	await ann.page
		.getByText(/closed the room/)
		.first()
		.waitFor();
	expect(ann.faults).toEqual([]);
	expect(await ann.page.title()).toBe("fernet-chat");
});
