import { afterAll, beforeEach, expect, test } from "bun:test";
import { type PersonPage, TestBrowser } from "../../support/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { type Cut, FaultProxy } from "../../support/fault.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

// A page whose connection breaks, or that is reloaded, goes on with its visit: nothing is missed,
// nothing comes twice, and what was being typed is there.

const stage = await Stage.openWith({ isLocal: true, isPaged: true });
const port = Number(stage.url.port);
const proxy = await FaultProxy.open(port);
const browser = await TestBrowser.launchBehind(proxy.port, port);
const bob = await stage.member("bob");
afterAll(async () => {
	await browser[Symbol.asyncDispose]();
	await proxy[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
});

/** Each test has a member of its own, and texts of its own. */
let name = "";
let tests = 0;
beforeEach(() => {
	name = `ann${++tests}`;
});

async function enter(): Promise<PersonPage> {
	const ann = await browser.open(stage.url.href);
	await ann.logIn(name, PASSWORD);
	return ann;
}

/** Nothing reaches the server from now on, not even the page itself. */
function unplug(): void {
	proxy.refuses = true;
	proxy.cut();
}

const draft = ({ page }: PersonPage) => page.getByLabel("Message");
const title = (text: string): string => `${text} of ${name}`;
const hears = (text: string) => bob.waitFor({ type: "said", from: name, text: title(text) });

/** What the page sends over its connections from now on. */
function framesOf({ page }: PersonPage): unknown[] {
	const sent: unknown[] = [];
	page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(payload)));
	return sent;
}

/** Each of these texts is in one row, and they are in this order. */
async function expectOnce(ann: PersonPage, ...texts: string[]): Promise<void> {
	for (const text of texts) await ann.reads(title(text));
	const rows = await ann.rows();
	const places = texts.map((text) => {
		const found = rows.flatMap((row, at) => (row.includes(title(text)) ? [at] : []));
		expect([text, found.length]).toEqual([text, 1]);
		return found[0] ?? -1;
	});
	expect(places).toEqual(places.toSorted((one, other) => one - other));
}

/** What is said before, while and after the page is not there. */
async function talkAround(ann: PersonPage, back: () => unknown): Promise<void> {
	await ann.say(title("before"));
	await hears("before");
	unplug();
	await ann.hasStatus("Reconnecting.");
	await ann.say(title("unheard"));
	await draft(ann).fill("half a sent");
	bob.say(title("meanwhile"));
	await bob.waitFor({ type: "said", from: "bob", text: title("meanwhile") });
	proxy.refuses = false;
	await back();
	await ann.hasStatus("You missed nothing.");
	await hears("unheard");
	bob.say(title("after"));
	await expectOnce(ann, "before", "meanwhile", "unheard", "after");
	expect(await draft(ann).inputValue()).toBe("half a sent");
}

test.each<Cut>(["reset", "fin", "half"])("its connection is cut: %s", async (how) => {
	const ann = await enter();
	await ann.say(title("before"));
	// Its echo may be on its way when the cut comes.
	await hears("before");
	proxy.cut(how);
	bob.say(title("meanwhile"));
	await ann.hasStatus("You missed nothing.");
	await expectOnce(ann, "before", "meanwhile");
	expect(ann.faults).toEqual([]);
	await ann.context.close();
});

test("the server is out of reach for a while", async () => {
	const ann = await enter();
	await talkAround(ann, () => {});
	await ann.context.close();
});

test("it is reloaded, in vain at first", async () => {
	const ann = await enter();
	await talkAround(ann, async () => {
		proxy.refuses = true;
		expect(await ann.page.reload().catch(String)).toContain("ERR_");
		await ann.page.waitForURL("chrome-error://chromewebdata/");
		proxy.refuses = false;
		await ann.page.goto(stage.url.href);
	});
	await ann.context.close();
});

test("it is reloaded again before it has gone on", async () => {
	const ann = await enter();
	await draft(ann).fill("half a sent");
	await ann.page.routeWebSocket(/./, (socket) => socket.close());
	await ann.page.reload();
	await ann.page.getByText("does not answer").waitFor();
	await ann.page.unrouteAll();
	await ann.page.routeWebSocket(/./, (socket) => void socket.connectToServer());
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	expect(await draft(ann).inputValue()).toBe("half a sent");
	await ann.context.close();
});

test("the user goes to another page, and back", async () => {
	const ann = await enter();
	await ann.say(title("before"));
	await hears("before");
	await draft(ann).fill("half a sent");
	await ann.page.goto("about:blank");
	bob.say(title("meanwhile"));
	await ann.page.goBack();
	await ann.hasStatus("You missed nothing.");
	await expectOnce(ann, "before", "meanwhile");
	expect(await draft(ann).inputValue()).toBe("half a sent");
	await ann.context.close();
});

test("it crashes", async () => {
	const ann = await enter();
	await ann.say(title("before"));
	await hears("before");
	await draft(ann).fill("half a sent");
	const kept = () => ann.page.evaluate(() => JSON.stringify(Object.values(sessionStorage)));
	await eventually("the draft to be kept", async () => (await kept()).includes("half a sent"));
	const tab = await ann.context.newCDPSession(ann.page);
	// The process of the page is gone before it can answer.
	const crashed = ann.page.waitForEvent("crash");
	tab.send("Page.crash").catch(() => {});
	await crashed;
	bob.say(title("meanwhile"));
	// What drives the browser otherwise does nothing more with a page that has crashed once.
	const again = await ann.context.newCDPSession(ann.page);
	await again.send("Page.reload");
	const shown = async (script: string): Promise<string> => {
		const { result } = await again.send("Runtime.evaluate", { expression: script });
		return String(result.value);
	};
	const status = "document.getElementById('room-status')?.textContent";
	await eventually("the visit", async () => (await shown(status)).includes("missed nothing"));
	const rows = () => shown("document.getElementById('transcript').textContent");
	await eventually("what was said", async () => (await rows()).includes(title("meanwhile")));
	for (const text of ["before", "meanwhile"]) {
		expect((await rows()).split(title(text))).toHaveLength(2);
	}
	expect(await shown("document.getElementById('composer-text').value")).toBe("half a sent");
	await ann.context.close();
});

test("its place is lost, and somebody else logs in: nothing of the visit is theirs", async () => {
	const ann = await enter();
	bob.send({ type: "tell", to: name, text: title("a secret") });
	await ann.reads(title("a secret"));
	unplug();
	await ann.hasStatus("Reconnecting.");
	await ann.say(title("unheard"));
	await draft(ann).fill("half a sent");
	await stage.member(name);
	proxy.refuses = false;
	await ann.page.getByText("has given up your place").waitFor();
	const vic = `vic${tests}`;
	await ann.logIn(vic, PASSWORD, addressOf(vic));
	await ann.say(title("now here"));
	await bob.waitFor({ type: "said", from: vic, text: title("now here") });
	await ann.reads(title("now here"));
	const shown = await ann.page.locator("body").textContent();
	for (const text of ["a secret", "unheard"]) expect(shown).not.toContain(title(text));
	expect(await draft(ann).inputValue()).toBe("");
	expect(bob.out).not.toContain(title("unheard"));
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	expect(await ann.rows()).not.toContainEqual(expect.stringContaining(title("a secret")));
	await ann.context.close();
});

test("the network is back: it tries at once", async () => {
	// Timers of the page that never fire: any pause would last for ever.
	const ann = await enter();
	await ann.page.evaluate(() => {
		const { setTimeout } = globalThis;
		Object.assign(globalThis, {
			setTimeout: (action: () => void, ms = 0) => (ms < 100 ? setTimeout(action, ms) : 0),
		});
		Worker.prototype.postMessage = () => {};
	});
	await ann.context.setOffline(true);
	proxy.cut();
	await ann.hasStatus("Reconnecting.");
	const sent = framesOf(ann);
	await ann.context.setOffline(false);
	await ann.hasStatus("You missed nothing.");
	const before = sent.length;
	await ann.context.setOffline(true);
	await ann.context.setOffline(false);
	await eventually("the page to ask whether the server is there", () => sent.length > before);
	await ann.context.close();
});

test("nobody looks at it: its timers fire once a minute, and the server still hears from it", async () => {
	// As in Chromium, after five minutes.
	const ann = await enter();
	await ann.page.evaluate(() => {
		const { setTimeout, setInterval } = globalThis;
		const MINUTE = 60_000;
		Object.assign(globalThis, {
			setTimeout: (action: () => void, ms = 0, ...rest: unknown[]) =>
				setTimeout(action, Math.ceil(ms / MINUTE) * MINUTE, ...rest),
			setInterval: (action: () => void, _ms = 0, ...rest: unknown[]) =>
				setInterval(action, MINUTE, ...rest),
		});
	});
	const sent = framesOf(ann);
	proxy.cut();
	await ann.hasStatus("You missed nothing.");
	const before = sent.length;
	bob.send({ type: "tell", to: name, text: title("a secret") });
	await ann.reads(title("a secret"));
	await eventually("the page to confirm it", () => sent.length > before);
	await ann.context.close();
});
