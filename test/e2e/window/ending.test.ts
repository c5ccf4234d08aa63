import { afterAll, beforeEach, expect, test } from "bun:test";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { FaultProxy } from "../../support/fault.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";
import { WindowClient } from "./window-client.ts";

// How a visit in a window ends, and with it the client.

const OWNER = addressOf("owner");
const stage = await Stage.local("--owner", OWNER);
const browser = await TestBrowser.launch();
const owner = await stage.member("owner");
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

/** Each test has a member of its own. */
let name = "";
let tests = 0;
beforeEach(() => {
	name = `ann${++tests}`;
});

async function enter(window: WindowClient, link = window.link.href): Promise<PersonPage> {
	const ann = await browser.open(link);
	await ann.logIn(name, PASSWORD);
	await window.client.waitForOutput(`You are in the room as ${name}.`);
	return ann;
}

/** The page shows this ending, and no way to go on. */
async function expectEnding({ page }: PersonPage, heading: string, text: string): Promise<void> {
	await page.getByRole("heading", { name: heading }).waitFor();
	await page.getByText(text).waitFor();
	await page.getByText("You can close this window.").waitFor();
	expect(await page.getByRole("button", { name: "Join again" }).isVisible()).toBe(false);
}

test.each(["SIGINT", "SIGTERM"] as const)(
	"%s leaves the room, and the page shows it",
	async (signal) => {
		const window = await WindowClient.open(stage);
		const ann = await enter(window);
		window.client.kill(signal);
		expect(await window.client.exit()).toBe(0);
		expect(window.client.out).toEndWith("You left the room.\n");
		await owner.waitFor({ type: "left", name });
		await expectEnding(ann, "Goodbye", "You left the room.");
		await ann.context.close();
	},
);

test("before a login, Ctrl-C ends the client and its page, too", async () => {
	const window = await WindowClient.open(stage);
	const ann = await browser.open(window.link.href);
	await ann.page.getByLabel("User name").waitFor();
	window.client.kill("SIGINT");
	expect(await window.client.exit()).toBe(0);
	await expectEnding(ann, "Goodbye", "You did not log in.");
	await ann.context.close();
});

test("whoever is kicked sees why, and the client ends as it does in a terminal", async () => {
	const window = await WindowClient.open(stage);
	const ann = await enter(window);
	owner.send({ type: "kick", name, reason: "too loud" });
	expect(await window.client.exit()).toBe(2);
	const why = "owner removed you from the room: too loud";
	expect(window.client.out).toContain(why);
	await expectEnding(ann, "You were removed", why);
	await ann.context.close();
});

test("a cut is mended, and a page that is closed while there is no connection has still gone", async () => {
	await using proxy = await FaultProxy.open(stage.port);
	// The first is there for nobody.
	const servers = ["127.0.0.1:1", `127.0.0.1:${proxy.port}`];
	const window = await WindowClient.at(stage, servers.join());
	const ann = await enter(window);
	proxy.refuses = true;
	proxy.cut();
	await ann.hasStatus("lost");
	owner.send({ type: "say", text: `missed by ${name}` });
	await ann.say(`waiting from ${name}`);
	proxy.refuses = false;
	await ann.hasStatus(`Connected again, at ${servers[1]}.`);
	await owner.waitFor({ type: "said", from: name, text: `waiting from ${name}` });
	await ann.reads(`missed by ${name}`);
	proxy.refuses = true;
	proxy.cut();
	await ann.hasStatus("lost");
	await ann.page.close();
	expect(await window.client.exit()).toBe(0);
	expect(await stage.keyFiles()).toHaveLength(1);
	await ann.context.close();
});

test("a copy of the page waits for its turn, and goes on with the visit", async () => {
	const window = await WindowClient.open(stage);
	const ann = await enter(window);
	const copy = await ann.context.newPage();
	await copy.goto(window.link.href);
	await copy.getByText("Close that one to go on here.").waitFor();
	await ann.say(`still here, ${name}`);
	await owner.waitFor({ type: "said", from: name, text: `still here, ${name}` });
	await ann.page.close();
	await copy.getByLabel("User name").waitFor();
	expect(await copy.getByLabel("User name").inputValue()).toBe(name);
	window.client.kill();
	expect(await window.client.exit()).toBe(0);
	await ann.context.close();
});

test("a link without its secret, or with that of a client that has ended, leads nowhere", async () => {
	const window = await WindowClient.open(stage);
	const bare = await browser.open(window.link.href.replace(/#.*/, ""));
	await bare.page.getByText("Open the whole link that the client has printed").waitFor();
	const wrong = await browser.open(window.link.href.replace(/#.*/, `#${"A".repeat(43)}`));
	await wrong.page.getByText("a client that is not running any more").waitFor();
	await bare.context.close();
	await wrong.context.close();
	window.client.kill();
	expect(await window.client.exit()).toBe(0);
});

test("when the client is killed, the page says so", async () => {
	const window = await WindowClient.program(stage);
	const ann = await enter(window);
	window.client.kill("SIGKILL");
	await ann.page.getByText("a client that is not running any more").waitFor();
	await ann.context.close();
});

test("an owner closes the room: both programs end with 0", async () => {
	const closing = await Stage.openWith({ endsWhenEmpty: true }, "--owner", OWNER);
	const window = await WindowClient.program(closing);
	const ann = await enter(window);
	const other = await closing.member("owner");
	other.send({ type: "close" });
	await expectEnding(ann, "The room is closed", "owner closed the room.");
	expect(await window.client.exit()).toBe(0);
	expect(await closing.server.exit()).toBe(0);
	await ann.context.close();
	await closing[Symbol.asyncDispose]();
});

test("the last one who closes the window ends the room: both programs end with 0, and no key is left", async () => {
	const alone = await Stage.openWith({ endsWhenEmpty: true });
	const window = await WindowClient.program(alone);
	const ann = await enter(window);
	await ann.page.close();
	expect(await window.client.exit()).toBe(0);
	expect(await alone.server.exit()).toBe(0);
	expect(await alone.keyFiles()).toEqual([]);
	expect(alone.server.out).toContain("ended");
	await ann.context.close();
	await alone[Symbol.asyncDispose]();
});
