import { afterAll, beforeEach, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { MAX_SERVER_LINE } from "../../../lib/wire/transport/server-line.ts";
import { PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { listen } from "../../support/listen.ts";
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

test("Ctrl-C leaves the room, and the page shows it", async () => {
	const window = await WindowClient.program(stage);
	const ann = await enter(window);
	window.client.kill("SIGINT");
	expect(await window.client.exit()).toBe(0);
	expect(window.client.out).toEndWith("You left the room.\n");
	await owner.waitFor({ type: "left", name });
	await expectEnding(ann, "Goodbye", "You left the room.");
	await ann.context.close();
});

test("before a login the end is as plain; a link that is not the window's leads nowhere", async () => {
	const window = await WindowClient.open(stage);
	const bare = await browser.open(window.link.href.replace(/#.*/, ""));
	await bare.page.getByText("Open the whole link that the client has printed").waitFor();
	await bare.page.goto(window.link.href.replace(/#.*/, `#${"A".repeat(43)}`));
	await bare.page.reload();
	await bare.page.getByText("a client that is not running any more").waitFor();
	const ann = await browser.open(window.link.href);
	await ann.page.getByLabel("User name").waitFor();
	window.client.kill();
	expect(await window.client.exit()).toBe(0);
	await expectEnding(ann, "Goodbye", "You did not log in.");
	await bare.context.close();
	await ann.context.close();
});

test("what keeps the client from connecting is said in the window", async () => {
	const keys = join(stage.keys, "unused");
	const window = await WindowClient.at(stage, "127.0.0.1:1", "--keys", keys);
	const ann = await browser.open(window.link.href);
	await ann.page.getByText("No server answers at 127.0.0.1:1 (ECONNREFUSED).").waitFor();
	rmSync(keys, { recursive: true });
	await ann.page.getByText("Cannot save a session key: ENOENT").waitFor();
	window.client.kill();
	expect(await window.client.exit()).toBe(0);
	await expectEnding(ann, "Goodbye", "You did not log in.");
	await ann.context.close();

	const hasty = await WindowClient.at(stage, "127.0.0.1:1", "--patience", "0");
	const bea = await browser.open(hasty.link.href);
	const text = "No server answers at 127.0.0.1:1 (ECONNREFUSED).";
	await expectEnding(bea, "The server does not answer", text);
	expect(await hasty.client.exit()).toBe(3);
	expect(hasty.client.out).toContain(text);
	await bea.context.close();
});

test("a room that sends a line without an end is at fault, and not the network", async () => {
	const endless = createServer((socket) => {
		socket.on("error", () => {});
		socket.write("x".repeat(MAX_SERVER_LINE + 1));
	});
	const room = `127.0.0.1:${await listen(endless)}`;
	const window = await WindowClient.at(stage, room, "--patience", "0");
	const ann = await browser.open(window.link.href);
	const text = `A line must not be longer than ${MAX_SERVER_LINE} bytes.`;
	await ann.page.getByText(text).waitFor();
	expect(await window.client.exit()).toBe(3);
	expect(window.client.out).toContain(text);
	endless.close();
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
	// Not with a line that nobody has heard.
	await ann.say("never heard");
	await ann.page.getByText("Sending… never heard").waitFor();
	const asked = ann.page.waitForEvent("dialog");
	await ann.page.close({ runBeforeUnload: true });
	await (await asked).dismiss();
	await ann.page.getByText("Sending… never heard").waitFor();
	ann.page.on("dialog", (again) => void again.accept());
	await eventually("the page's end", async () => {
		// The browser drops what comes before it is done with the first.
		await ann.page.close({ runBeforeUnload: true }).catch(() => {});
		return ann.page.isClosed();
	});
	expect(await window.client.exit()).toBe(0);
	expect(window.client.out).toEndWith("The room may show you as away for a while.\n");
	expect(await stage.keyFiles()).toHaveLength(1);
	await ann.context.close();
});

test("a copy of the page waits for its turn, and then goes on with the visit", async () => {
	const window = await WindowClient.open(stage);
	const ann = await enter(window);
	// As a duplicated tab, it has a copy of what the tab keeps.
	const opening = ann.context.waitForEvent("page");
	await ann.page.evaluate("void open(location.href)");
	const copy = new PersonPage(ann.context, await opening);
	await copy.page.getByText("Close that one to go on here.").waitFor();
	await ann.say(`still here, ${name}`);
	await owner.waitFor({ type: "said", from: name, text: `still here, ${name}` });
	await ann.page.close();
	await copy.hasStatus("You missed nothing.");
	await copy.say(`here now, ${name}`);
	await owner.waitFor({ type: "said", from: name, text: `here now, ${name}` });
	expect(owner.lines.filter((line) => line.type === "left" && line.name === name)).toEqual([]);
	window.client.kill();
	expect(await window.client.exit()).toBe(0);
	await ann.context.close();
});

test("a page that crashes leaves nothing to read in the browser, and another goes on with its visit", async () => {
	const window = await WindowClient.open(stage);
	const ann = await enter(window);
	owner.send({ type: "tell", to: name, text: `a secret for ${name}` });
	await ann.reads(`a secret for ${name}`);
	await ann.page.getByLabel("Message").fill("half a sent");
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	// It keeps all that it has, as when it goes out of sight; the client's answer comes after that.
	await ann.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
	await ann.page.evaluate("fetch(location.pathname)");
	const kept = await ann.page.evaluate(
		"JSON.stringify([{ ...sessionStorage }, { ...localStorage }])",
	);
	expect(JSON.parse(String(kept))).toEqual([{ window: expect.any(String) }, {}]);
	const tab = await ann.context.newCDPSession(ann.page);
	const crashed = ann.page.waitForEvent("crash");
	tab.send("Page.crash").catch(() => {});
	await crashed;
	const again = new PersonPage(ann.context, await ann.context.newPage());
	await again.page.goto(window.link.href);
	await again.hasStatus("You missed nothing.");
	await again.reads(`a secret for ${name}`);
	expect(await again.page.getByLabel("Message").inputValue()).toBe("half a sent");
	await again.page.close({ runBeforeUnload: true });
	expect(await window.client.exit()).toBe(0);
	await owner.waitFor({ type: "left", name });
	await ann.context.close();
});

test("where the machine sleeps, which cuts all connections of a browser, the page comes back", async () => {
	const window = await WindowClient.open(stage);
	const port = Number(window.link.port);
	await using proxy = await FaultProxy.open(port);
	await using sleeper = await TestBrowser.launchBehind(proxy.port, port);
	const ann = await sleeper.open(window.link.href);
	await ann.logIn(name, PASSWORD);
	const long = "all of this is long ".repeat(300);
	for (let i = 0; i < 12; i++) owner.send({ type: "say", text: `${i} ${name} ${long}` });
	await ann.reads(`11 ${name}`);
	await ann.page.getByLabel("Message").fill("half a sent");
	// At once, so that each page has to keep all that the next one needs as it goes.
	await ann.page.reload();
	await ann.page.getByRole("status").getByText("You missed nothing.").waitFor();
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	expect(await ann.page.getByLabel("Message").inputValue()).toBe("half a sent");
	const again = ann.page.waitForEvent("load");
	proxy.cut();
	await again;
	await ann.hasStatus("You missed nothing.");
	expect(await ann.page.getByLabel("Message").inputValue()).toBe("half a sent");
	await ann.page.close({ runBeforeUnload: true });
	expect(await window.client.exit()).toBe(0);
	await owner.waitFor({ type: "left", name });
});

test("when the client is killed, the page says so", async () => {
	const window = await WindowClient.program(stage);
	const ann = await enter(window);
	window.client.kill("SIGKILL");
	await ann.page.getByText("a client that is not running any more").waitFor();
	await ann.context.close();
});

test("when an owner closes the room, both programs end with 0", async () => {
	const window = await WindowClient.open(stage);
	const ann = await enter(window);
	owner.send({ type: "close" });
	await expectEnding(ann, "The room is closed", "owner closed the room.");
	expect(await window.client.exit()).toBe(0);
	expect(await stage.server.exit()).toBe(0);
	await ann.context.close();
});
