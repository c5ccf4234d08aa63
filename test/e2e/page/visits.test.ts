import { afterAll, beforeEach, expect, test } from "bun:test";
import { Fernet } from "../../../lib/wire/crypto/fernet.ts";
import { PersonPage, TestBrowser } from "../../support/browser.ts";
import { Guest } from "../../support/crowd.ts";
import { eventually, PATIENCE } from "../../support/eventually.ts";
import { addressOf, PASSWORD } from "../../support/mailbox.ts";
import { Stage } from "../../support/programs.ts";

// Which visit a page goes on with, and what the browser keeps of it.

const stage = await Stage.openWith(
	{ isLocal: true, isPaged: true },
	...["--owner", "bob@gmail.com"],
	...["--message-rate", "1000000", "--message-burst", "1000000"],
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

test("a duplicated tab logs in anew, and does not disturb the first", async () => {
	const ann = await enter();
	await ann.say(`hello from ${name}`);
	await bob.waitFor({ type: "said", text: `hello from ${name}` });
	const kept = () => ann.page.evaluate(() => JSON.stringify(Object.values(sessionStorage)));
	await eventually("it to be kept", async () => (await kept()).includes(`hello from ${name}`));
	const opened = ann.context.waitForEvent("page");
	await ann.page.evaluate("void open(location.href)");
	const twin = new PersonPage(ann.context, await opened);
	await twin.page.getByLabel("User name").waitFor();
	await twin.logIn(`twin${tests}`, PASSWORD);
	expect(await twin.rows()).not.toContainEqual(expect.stringContaining(`hello from ${name}`));
	for (const page of [ann, twin]) {
		await page.page.reload();
		await page.hasStatus("You missed nothing.");
	}
	await twin.say("hello from the twin");
	await ann.reads("hello from the twin");
	await ann.say("hello, twin");
	await twin.reads("hello, twin");
	await ann.context.close();
});

test("of two tabs of one account the newer one stays, and the older one says why it ends", async () => {
	const ann = await enter();
	const newer = await browser.open(stage.url.href);
	await newer.logIn(`${name}-again`, PASSWORD, addressOf(name));
	await ann.page.getByText("logged in").waitFor();
	await ann.page.getByRole("button", { name: "Join again" }).waitFor();
	await newer.say("still here");
	await newer.reads("still here");
	expect(await ann.page.evaluate(() => sessionStorage.length)).toBe(0);
	await Promise.all([ann.context.close(), newer.context.close()]);
});

test("reloaded when the room has given its place up, it keeps the draft and says what was not sent", async () => {
	const ann = await enter();
	await ann.say("before");
	await ann.reads("before");
	await ann.context.setOffline(true);
	await ann.page.routeWebSocket(/./, (socket) => socket.close());
	await ann.say("never sent");
	await draft(ann).fill("half a sent");
	await ann.page.goto("about:blank");
	const other = await stage.member(name);
	await ann.page.routeWebSocket(/./, (socket) => void socket.connectToServer());
	await ann.context.setOffline(false);
	await ann.page.goto(stage.url.href);
	await ann.page.getByLabel("User name").waitFor();
	await ann.page.getByText("has given up your place").waitFor();
	// It was there before the login, and is after another reload.
	await ann.page.reload();
	await ann.logIn(`${name}-2`, PASSWORD, addressOf(name));
	await ann.page.getByText(/never sent.*Not sent/s).waitFor();
	expect(await draft(ann).inputValue()).toBe("half a sent");
	await ann.reads("before");
	expect(other.out).not.toContain("never sent");
	await ann.context.close();
});

test("of a login with a password nothing secret is stored, and after leaving nothing at all", async () => {
	const ann = await browser.open("about:blank");
	const frames: string[] = [];
	ann.page.on("websocket", (socket) => {
		socket.on("framesent", ({ payload }) => frames.push(String(payload)));
		socket.on("framereceived", ({ payload }) => frames.push(String(payload)));
	});
	await ann.page.goto(stage.url.href);
	await ann.logIn(name, PASSWORD);
	await ann.say("something to keep");
	await ann.reads("something to keep");
	await draft(ann).fill("half a sent");
	const stored = async (): Promise<string> => {
		const state = await ann.context.storageState({ indexedDB: true });
		const session = await ann.page.evaluate(() => Object.values(sessionStorage));
		return JSON.stringify([state, session]).replaceAll("\\", "");
	};
	const kept = await eventually("the visit to be kept", async () => {
		const all = await stored();
		return all.includes("half a sent") ? all : undefined;
	});
	const sessionKeys = frames.flatMap(
		(frame) => /^FERNET-CHAT\/1 \S+ (\S+)$/.exec(frame)?.[1] ?? [],
	);
	const fernet = new Fernet(sessionKeys.at(-1) ?? "");
	const [, roomKey = ""] = frames
		.flatMap((frame) => opened(fernet, frame))
		.flatMap((text) => /"type":"welcome".*"key":"([^"]+)"/.exec(text) ?? []);
	for (const secret of [...sessionKeys, roomKey, PASSWORD, PASSWORD.replaceAll(" ", "")]) {
		expect(secret).toMatch(/.{8}/);
		expect(kept).not.toContain(secret);
	}
	expect(kept).toContain("something to keep");
	await ann.page.getByRole("button", { name: "Leave" }).click();
	await ann.page.getByRole("button", { name: "Join again" }).waitFor();
	await ann.page.reload();
	await ann.page.getByLabel("User name").waitFor();
	expect(await ann.page.evaluate(() => sessionStorage.length)).toBe(0);
	expect(await stored()).not.toContain("something to keep");
	await ann.context.close();
});

test.each(["qrst uvwx yzab cdef", "/tell bob qrstuvwxyzabcdef", "/title qrst-uvwx-yzab-cdef"])(
	"removed while it asks whether to send %s, it stores nothing of that any more",
	async (line) => {
		const ann = await browser.open("about:blank");
		ann.page.setDefaultTimeout(PATIENCE);
		await ann.page.clock.install();
		await ann.page.goto(stage.url.href);
		await ann.logIn(name, PASSWORD);
		await ann.say(line);
		await ann.page.getByRole("dialog").getByText("looks like an app password").waitFor();
		bob.send({ type: "kick", name });
		await ann.page.getByRole("heading", { name: "You were removed" }).waitFor();
		// Whatever the page still had in mind to do.
		await ann.page.clock.fastForward(60_000);
		expect(await ann.page.evaluate(() => Object.values(sessionStorage))).toEqual([]);
		expect(await ann.page.locator("#over").textContent()).not.toContain("cdef");
		expect(ann.faults).toEqual([]);
		await ann.context.close();
	},
);

test("whoever is removed while typing still has what they typed, with the line kept aside", async () => {
	const ann = await enter();
	await draft(ann).fill("a line for everybody");
	await ann.page.getByRole("button", { name: "Write to bob privately" }).click();
	await draft(ann).pressSequentially("and one for bob");
	const kept = "/tell bob a line for everybody" + "and one for bob";
	bob.send({ type: "kick", name });
	const unsent = ann.page.getByRole("region", { name: "You had not sent this yet" }).locator("pre");
	await unsent.waitFor();
	expect(await unsent.textContent()).toBe(kept);
	await ann.page.getByRole("button", { name: "Join again" }).click();
	await ann.logIn(name, PASSWORD);
	expect(await draft(ann).inputValue()).toBe("");
	await draft(ann).fill("hello again");
	await ann.page.keyboard.press("Enter");
	await ann.page.getByRole("button", { name: "Leave" }).click();
	await ann.page.getByRole("heading", { name: "Goodbye" }).waitFor();
	expect(await unsent.isVisible()).toBe(false);
	await ann.context.close();
});

test("a reply that was being typed goes to whom it said, though another has written since", async () => {
	const ann = await enter();
	const eve = await stage.member(`eve${tests}`);
	bob.send({ type: "tell", to: name, text: `psst, ${name}` });
	await ann.reads(`psst, ${name}`);
	await draft(ann).fill(`/reply a secret of ${name}`);
	await ann.page.getByText("to bob only").waitFor();
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	await ann.page.getByText("to bob only").waitFor();
	eve.send({ type: "tell", to: name, text: `and I, ${name}` });
	await ann.reads(`and I, ${name}`);
	await ann.page.getByText("to bob only").waitFor();
	await draft(ann).press("Enter");
	await bob.waitFor({ type: "told", from: name, text: `a secret of ${name}` });
	expect(eve.out).not.toContain("a secret");
	await ann.context.close();
});

test("what was refused is not said by a reload, but when the user says so", async () => {
	const ann = await enter();
	bob.send({ type: "mute", name });
	await ann.reads(`muted ${name}`);
	await ann.say(`refused to ${name}`);
	await ann.page.getByText(/Not sent.*refused to/s).waitFor();
	bob.send({ type: "unmute", who: name });
	await ann.reads(`unmuted ${name}`);
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	await ann.page.getByText(/Not sent.*refused to/s).waitFor();
	await ann.say(`marker of ${name}`);
	await bob.waitFor({ type: "said", text: `marker of ${name}` });
	expect(bob.out).not.toContain(`refused to ${name}`);
	await ann.page.getByRole("button", { name: "Send again" }).click();
	await bob.waitFor({ type: "said", text: `refused to ${name}` });
	await ann.context.close();
});

/** What a line from the server holds, if this key opens it. */
function opened(fernet: Fernet, line: string): string[] {
	try {
		return [fernet.decrypt(line.slice(line.lastIndexOf(" ") + 1)).toString()];
	} catch {
		return [];
	}
}

test.each([
	{ what: "long", text: "x".repeat(8192) },
	{ what: "that JSON spells with six characters each", text: "\u0001".repeat(8192) },
	{ what: "short", text: "x" },
])("200 messages $what leave room for the draft", async ({ text }) => {
	const ann = await enter();
	const guest = await Guest.join(stage, `guest${tests}`);
	for (let i = 0; i < 200; i++) guest.send({ type: "say", id: `${i}`, text });
	guest.send({ type: "say", id: "last", text: `that was all of ${name}` });
	await ann.reads(`that was all of ${name}`);
	await draft(ann).fill("half a sent");
	await ann.page.reload();
	await ann.hasStatus("You missed nothing.");
	await ann.reads(`that was all of ${name}`);
	expect(await draft(ann).inputValue()).toBe("half a sent");
	await guest.leave();
	await ann.context.close();
});
