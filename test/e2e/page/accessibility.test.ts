import { afterAll, expect, test } from "bun:test";
import axe from "axe-core";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

// The page for those who do not use a mouse, see little or see nothing.

const how = { isLocal: true, isPaged: true, isMailing: true };
const stage = await Stage.openWith(how, "--remember-days", "30", "--owner", "ann@gmail.com");
const browser = await TestBrowser.launch();
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

const press = ({ page }: PersonPage, name: string | RegExp): Promise<void> =>
	page.getByRole("button", { name }).click();

interface Violation {
	readonly id: string;
	readonly impact: string;
	readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/**
 * What axe finds in either theme, of that which keeps anybody from using the page. The debugger runs
 * its source: the page's own policy would not.
 */
async function faultsFound({ page }: PersonPage): Promise<string[]> {
	const found: string[] = [];
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
		const violations = await page.evaluate<Violation[]>(
			"axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)",
		);
		for (const { id, impact, nodes } of violations) {
			if (impact !== "serious" && impact !== "critical") continue;
			for (const { html, failureSummary } of nodes)
				found.push(`${colorScheme}: ${id}: ${html} ${failureSummary}`);
		}
	}
	return found;
}

/** In pixels of CSS: a phone, a small window whose user has zoomed to 200%, and a wide one. */
const WINDOWS = [
	{ width: 320, height: 640, deviceScaleFactor: 1 },
	{ width: 320, height: 256, deviceScaleFactor: 2 },
	{ width: 1440, height: 900, deviceScaleFactor: 1 },
];

/** By how many pixels the page is wider than each window, and what is typed is below it. */
async function overflow({ page, context }: PersonPage): Promise<number[][]> {
	const size = page.viewportSize();
	const cdp = await context.newCDPSession(page);
	const found: number[][] = [];
	for (const window of WINDOWS) {
		await cdp.send("Emulation.setDeviceMetricsOverride", { ...window, mobile: false });
		expect(await page.evaluate("[innerWidth, devicePixelRatio]")).toEqual([
			window.width,
			window.deviceScaleFactor,
		]);
		const below = `Math.max(0, document.getElementById("composer-text").getBoundingClientRect().bottom - innerHeight)`;
		const wider = "document.documentElement.scrollWidth - innerWidth";
		found.push(await page.evaluate<number[]>(`[${wider}, ${below}]`));
	}
	await cdp.detach();
	if (size) await page.setViewportSize(size);
	return found;
}

async function expectUsable(person: PersonPage): Promise<void> {
	expect(await faultsFound(person)).toEqual([]);
	expect(await overflow(person)).toEqual(WINDOWS.map(() => [0, 0]));
}

test("axe finds nothing serious on any screen in either theme, and nothing is too wide", async () => {
	const long = "a".repeat(24);
	const ann = await browser.open(stage.url.href);
	await expectUsable(ann);
	await ann.identify("two words", "ann");
	await expectUsable(ann);
	await ann.identify(long, "ann@gmail.com");
	await ann.page.getByRole("button", { name: /code/ }).waitFor();
	await expectUsable(ann);
	await press(ann, /code/);
	await ann.page.getByLabel("Code from the mail").waitFor();
	await expectUsable(ann);
	await press(ann, "Back");
	await press(ann, "Continue");
	await press(ann, /password/);
	await ann.page.getByLabel(/^password/i).fill("wrongwrongwrongw");
	await press(ann, "Log in");
	await ann.page.getByText("rejected").waitFor();
	await expectUsable(ann);
	await ann.page.getByLabel(/^password/i).fill(PASSWORD);
	await press(ann, "Log in");
	await ann.transcript.waitFor();

	const bob = await stage.member("bob");
	bob.say(`@${long} see https://example.com/${"long/".repeat(30)}`);
	bob.send({ type: "tell", to: long, text: "for you alone" });
	await ann.reads("for you alone");
	await ann.say("/announce to all");
	await ann.reads("to all");
	await ann.say("/nonsense");
	await ann.say("/reply half a private line");
	await ann.page.getByLabel("Message").fill("/tell bob half a line");
	await expectUsable(ann);
	await ann.page.setViewportSize({ width: 320, height: 640 });
	await press(ann, "Room");
	await ann.page.getByRole("menu").waitFor();
	await expectUsable(ann);
	await ann.page.keyboard.press("Escape");
	await press(ann, /Members/);
	await ann.page.getByText("b***@gmail.com").waitFor();
	await expectUsable(ann);
	await press(ann, "Close");
	await ann.say("/kick bob");
	await ann.page.getByRole("dialog").waitFor();
	await expectUsable(ann);
	await ann.answer("No");
	await press(ann, "Leave");
	await ann.page.getByText("Show what was said").click();
	await expectUsable(ann);
	expect(ann.faults).toEqual([]);
	await ann.context.close();
});

/** The texts that a screen reader is given to read, in the order in which they came. */
const LISTEN = `
	globalThis.heard = [];
	addEventListener("DOMContentLoaded", () =>
		new MutationObserver((changes) => {
			for (const { addedNodes } of changes) for (const { textContent } of addedNodes) heard.push(textContent);
		}).observe(document.querySelector("[role=log]"), { childList: true, subtree: true, characterData: true }));`;

test("a screen reader is given each new line once, and nothing again that was read", async () => {
	const name = "a-lisa";
	const lisa = await browser.open("about:blank");
	await lisa.context.addInitScript(LISTEN);
	await lisa.page.goto(stage.url.href);
	await lisa.identify(name, "lisa@gmail.com");
	await press(lisa, /password/);
	await lisa.page.getByLabel(/^password/i).fill(PASSWORD);
	await press(lisa, "Log in");
	await lisa.transcript.waitFor();
	const heard = (): Promise<string[]> => lisa.page.evaluate("heard");
	const heardWith = (text: string) =>
		eventually(text, async () => (await heard()).some((each) => each.includes(text)));
	await heardWith("You are");
	const carl = await stage.member("carl");
	await heardWith("carl joined");
	for (const text of ["one", `two, ${name}`, "see https://example.com/"]) carl.say(text);
	await heardWith("see");
	carl.send({ type: "tell", to: name, text: "psst" });
	await heardWith("psst");
	await lisa.say("my own");
	await heardWith("my own");
	carl.say(Array.from({ length: 20 }, (_, line) => line).join("\n"));
	await heardWith("11");
	expect((await heard()).slice(1)).toEqual([
		"carl joined",
		...["carl: one", `carl: two, ${name}`, "carl: see https://example.com/"],
		...["PRIVATE carl → you: psst", `${name}: my own`],
		`carl: ${Array.from({ length: 12 }, (_, line) => line).join("\n")}`,
	]);
	// Shown or hidden, drawn or not, what was read stays read.
	await lisa.page.getByRole("button", { name: "Show all" }).click();
	for (let line = 0; line < 150; line++) carl.say(`filler ${line}`);
	await heardWith("filler 149");
	const { length } = await heard();
	for (const top of [0, 1e6, 0, 1e6]) {
		await lisa.transcript.evaluate((at, to) => {
			at.scrollTop = to;
		}, top);
		await lisa.page.evaluate(
			"new Promise((done) => requestAnimationFrame(() => setTimeout(done)))",
		);
	}
	expect(await heard()).toHaveLength(length);
	// No part of the page that is read by itself has the transcript in it.
	const cdp = await lisa.context.newCDPSession(lisa.page);
	const { nodes } = await cdp.send("Accessibility.getFullAXTree");
	const transcript = nodes.find((node) => node.name?.value === "Conversation");
	expect(transcript?.role?.value).toBe("region");
	expect(transcript?.properties?.filter((each) => each.name === "live")).toEqual([]);
	// Nor does a reload read it again.
	await lisa.page.reload();
	await lisa.hasStatus("You missed nothing.");
	await lisa.reads("filler 149");
	carl.say("after it");
	await heardWith("after it");
	expect(await heard()).toEqual(["carl: after it"]);
	await lisa.context.close();
});

test("the keyboard alone leads from the link to the goodbye, and shows where it is", async () => {
	const { page, context } = await browser.open(stage.url.href, { reducedMotion: "reduce" });
	const { keyboard } = page;
	const focused = page.locator(":focus");
	/** Presses Tab until this has the focus. */
	const tabTo = async (name: string): Promise<void> => {
		const wanted = page.getByRole("button", { name }).and(focused);
		for (let i = 0; i < 20 && (await wanted.count()) === 0; i++) await keyboard.press("Tab");
		expect(await wanted.count()).toBe(1);
		expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).not.toBe(
			"none",
		);
	};
	await page.getByLabel("User name").and(focused).waitFor();
	// What turns while something is awaited stands still for whoever wants that.
	const motion = (): Promise<string> =>
		page.evaluate(
			`getComputedStyle(document.getElementById("connecting-text"), "::before").animationName`,
		);
	await page.evaluate("document.getElementById('connecting').hidden = false");
	expect(await motion()).toBe("none");
	await page.emulateMedia({ reducedMotion: "no-preference" });
	expect(await motion()).toBe("turn");
	await page.emulateMedia({ reducedMotion: "reduce" });
	await page.evaluate("document.getElementById('connecting').hidden = true");
	await keyboard.type("zoe");
	await keyboard.press("Tab");
	await keyboard.type("zoe@gmail.com");
	await keyboard.press("Enter");
	await page
		.getByRole("button", { name: /code by mail/ })
		.and(focused)
		.waitFor();
	await tabTo("Use a password instead");
	// What follows at once would belong to the Enter before.
	await eventually("the password's field", async () => {
		await keyboard.press("Enter");
		return page
			.getByLabel(/^password/i)
			.and(focused)
			.isVisible();
	});
	await keyboard.type(PASSWORD);
	await keyboard.press("Tab");
	await keyboard.press("Space");
	expect(await page.getByRole("checkbox").isChecked()).toBe(true);
	await tabTo("Log in");
	await keyboard.press("Enter");
	await page.getByLabel("Message").and(focused).waitFor();
	await keyboard.type("typed, not clicked");
	await keyboard.press("Enter");
	await page.locator(".row", { hasText: "typed, not clicked" }).waitFor();
	await keyboard.type("/leave");
	await keyboard.press("Enter");
	await page.getByRole("heading", { name: "Goodbye" }).and(focused).waitFor();
	await tabTo("Join again");
	await keyboard.press("Enter");
	await page.getByLabel("User name").and(focused).waitFor();
	await keyboard.press("Enter");
	await page.getByLabel("Message").and(focused).waitFor();
	await tabTo("Leave");
	await keyboard.press("Enter");
	await page.getByRole("heading", { name: "Goodbye" }).waitFor();
	await context.close();
});
