import { afterAll, beforeEach, expect, test } from "bun:test";
import { PersonPage, TestBrowser } from "../../support/browser.ts";
import { PATIENCE } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

// A reloaded page checks the visit that the browser kept: its account, and its shape.

const stage = await Stage.openWith(
	{ isLocal: true, isPaged: true },
	...["--owner", "bob@gmail.com", "--remember-days", "30"],
);
const browser = await TestBrowser.launch();
const bob = await stage.member("bob");
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

let name = "";
let tests = 0;
beforeEach(() => {
	name = `ann${++tests}`;
});

async function enter(): Promise<PersonPage> {
	const ann = await browser.open(stage.url.href);
	ann.page.setDefaultTimeout(PATIENCE);
	await ann.logIn(name, PASSWORD);
	return ann;
}

const draft = ({ page }: PersonPage) => page.getByLabel("Message");

/** Goes elsewhere: what was kept is complete then. */
const goAway = ({ page }: PersonPage) => page.goto("about:blank");

/** Changes what the browser keeps of the visit, while the page is not there. */
async function tamper(ann: PersonPage, change: string): Promise<void> {
	// With an icon of its own: the browser asks the server for one of a page that names none.
	const body = '<link rel="icon" href="data:,">';
	await ann.page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body }));
	await ann.page.goto(stage.url.href);
	await ann.page.evaluate(`{
		const visit = JSON.parse(sessionStorage.getItem("visit"));
		const { state } = visit;
		${change};
		sessionStorage.setItem("visit", JSON.stringify(visit));
	}`);
	await ann.page.unrouteAll();
}

/** What the page shows of a visit that is over. */
async function shownAfter({ page }: PersonPage): Promise<string | null> {
	await page.getByText("Show what was said").click();
	return page.getByLabel("What was said").textContent();
}

test("/signout forgets the account of this tab, and not that of another tab", async () => {
	const kim = await browser.open("about:blank");
	kim.page.setDefaultTimeout(PATIENCE);
	const leo = new PersonPage(kim.context, await kim.context.newPage());
	for (const [person, who] of [[kim, "kim"] as const, [leo, "leo"] as const]) {
		await person.page.goto(stage.url.href);
		await person.identify(who, addressOf(who));
		await person.page.getByLabel(/password/i).fill(PASSWORD);
		await person.page.getByRole("checkbox", { name: "Remember this device" }).check();
		await person.page.getByRole("button", { name: "Log in" }).click();
		await person.transcript.waitFor();
	}
	await kim.page.reload();
	await kim.hasStatus("You missed nothing.");
	await kim.say("/signout");
	await kim.reads("1 device");
	const devices = await kim.page.evaluate(() =>
		Object.keys(localStorage).filter((key) => key.startsWith("device ")),
	);
	expect(devices).toEqual([`device ${addressOf("leo")}`]);
	await kim.context.close();
});

test("somebody else who logs in at that tab gets nothing of the visit", async () => {
	const ann = await enter();
	bob.send({ type: "tell", to: name, text: `a secret for ${name}` });
	await ann.reads(`a secret for ${name}`);
	bob.send({ type: "mute", name });
	await ann.reads(`muted ${name}`);
	await ann.say("never said");
	await ann.page.getByText(/Not sent.*never said/s).waitFor();
	await draft(ann).fill("half a sent");
	await goAway(ann);
	const other = await stage.member(name);
	await ann.page.goto(stage.url.href);
	await ann.page.getByText("has given up your place").waitFor();
	const vic = `vic${tests}`;
	await ann.logIn(vic, PASSWORD, addressOf(vic));
	await ann.say(`hello from ${vic}`);
	await bob.waitFor({ type: "said", from: vic, text: `hello from ${vic}` });
	const shown = await ann.page.locator("body").textContent();
	for (const text of ["a secret for", "never said"]) expect(shown).not.toContain(text);
	expect(await draft(ann).inputValue()).toBe("");
	await goAway(ann);
	await ann.page.goto(stage.url.href);
	await ann.hasStatus("You missed nothing.");
	expect(await ann.rows()).not.toContainEqual(expect.stringContaining("a secret for"));
	other.send({ type: "leave" });
	await ann.context.close();
});

test.each([
	["a field is missing", "delete state.place"],
	["it is another version's, which kept less", "delete state.recipients; delete state.email"],
])("a visit that does not fit is dropped, and the user logs in: %s", async (_, change) => {
	const ann = await enter();
	await goAway(ann);
	await tamper(ann, change);
	await ann.page.goto(stage.url.href);
	await ann.page.getByLabel("User name").waitFor();
	expect(await ann.page.evaluate(() => sessionStorage.length)).toBe(0);
	expect(ann.faults).toEqual([]);
	await ann.context.close();
});

test("of a transcript, only the items are dropped that do not fit", async () => {
	const ann = await enter();
	await ann.say(`hello from ${name}`);
	await ann.reads(`hello from ${name}`);
	await goAway(ann);
	const strange = "null, {}, { kind: 'said' }, { kind: 'told', message: {} }, { kind: 'toString' }";
	await tamper(ann, `state.items.unshift(${strange})`);
	await ann.page.goto(stage.url.href);
	await ann.hasStatus("You missed nothing.");
	await ann.reads(`hello from ${name}`);
	expect(ann.faults).toEqual([]);
	await ann.context.close();
});

test("a fault of the page itself ends the visit with a sentence, and not for ever", async () => {
	const ann = await enter();
	await goAway(ann);
	await ann.page.addInitScript(() => {
		if (sessionStorage.length > 0) {
			Object.assign(globalThis, {
				WebSocket: class {
					constructor() {
						throw new TypeError("a fault of the page");
					}
				},
			});
		}
	});
	await ann.page.goto(stage.url.href);
	await ann.page.getByRole("heading", { name: "Something went wrong" }).waitFor();
	expect(ann.faults).toEqual(["TypeError: a fault of the page"]);
	await ann.page.getByRole("button", { name: "Join again" }).click();
	await ann.page.getByLabel("User name").waitFor();
	await ann.context.close();
});

test.each([
	["kicked", "You were removed"],
	["banned", "You are banned"],
])(
	"%s while it is reloaded, it still shows what was said, and what was not",
	async (how, heading) => {
		const ann = await enter();
		await ann.say(`hello from ${name}`);
		await ann.reads(`hello from ${name}`);
		bob.send({ type: "mute", name });
		await ann.reads(`muted ${name}`);
		await ann.say("never said");
		await ann.page.getByText(/Not sent.*never said/s).waitFor();
		await draft(ann).fill("/tell bob half a\nsentence");
		await goAway(ann);
		bob.send(how === "kicked" ? { type: "kick", name } : { type: "ban", who: name });
		await bob.waitFor({ type: how, name });
		await ann.page.goto(stage.url.href);
		await ann.page.getByRole("heading", { name: heading }).waitFor();
		const shown = await shownAfter(ann);
		expect(shown).toContain(`hello from ${name}`);
		expect(shown).toContain("Not sent: never said");
		const unsent = ann.page
			.getByRole("region", { name: "You had not sent this yet" })
			.locator("pre");
		expect(await unsent.textContent()).toBe("/tell bob half a\nsentence");
		expect(await ann.page.evaluate(() => sessionStorage.length)).toBe(0);
		await ann.context.close();
	},
);

test.each([
	["off", /^ann/],
	["long", /^\d\d:\d\d:\d\d/],
	["short", /^\d\d:\d\d(?!:)/],
])("times are shown as /time %s says, before a reload and after it", async (clock, beginning) => {
	const ann = await enter();
	await ann.say(`/time ${clock}`);
	const text = `hello from ${name}`;
	await ann.say(text);
	await ann.reads(text);
	const row = async () => (await ann.rows()).find((each) => each.endsWith(text));
	expect(await row()).toMatch(beginning);
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	await ann.reads(text);
	expect(await row()).toMatch(beginning);
	await ann.context.close();
});
