import { afterAll, expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { type Bot, Stage } from "../../support/programs.ts";
import { WallClock } from "../../support/wall-clock.ts";

// Somebody sets the wall clock while people talk: nobody is held up, cut off or forgotten.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Milliseconds in which a server looks at its deadlines, and a client tries to come back. */
const LOOKED = 700;
/** Milliseconds between what one of them says and the next: they talk, and flood nobody. */
const PAUSE = 20;

const serverClock = new WallClock();
const clientClock = new WallClock();
const stage = await Stage.openWith({ env: serverClock.env });
const proxy = await FaultProxy.open(stage.port);
afterAll(async () => {
	await proxy[Symbol.asyncDispose]();
	await stage[Symbol.asyncDispose]();
	serverClock[Symbol.dispose]();
	clientClock[Symbol.dispose]();
});

const ann = await stage.member("ann");
const bob = stage.botProgram("bob", PASSWORD, proxy.port, clientClock.env);
await bob.waitFor({ type: "welcome" });

let said = 0;

/** They talk until whatever deadline the new time has brought forward would have passed. */
async function talk(...talkers: Bot[]): Promise<void> {
	const end = performance.now() + LOOKED;
	do {
		for (const author of talkers) {
			const text = `line ${++said}`;
			author.say(text);
			for (const reader of talkers) await reader.waitFor({ type: "said", text });
			await Bun.sleep(PAUSE);
		}
	} while (performance.now() < end);
}

const count = (bot: Bot, wanted: string): number =>
	bot.lines.filter(({ type }) => type === wanted).length;

/** Bob's connection breaks; `meanwhile` happens before he can come back. */
async function breakAround(meanwhile: () => Promise<void>): Promise<void> {
	const before = count(bob, "online");
	proxy.refuses = true;
	proxy.cut();
	await stage.server.waitForOutput(new RegExp(`(offline bob[^]*){${before + 1}}`));
	await meanwhile();
	proxy.refuses = false;
	await eventually(
		"bob is back",
		() => count(bob, "online") > before,
		() => bob.out + bob.err,
	);
}

test.each([
	["two minutes back", -2 * MINUTE],
	["an hour on", HOUR],
	["three hours back", -2 * HOUR],
])("the server's clock goes %s: both talk on", async (_, offset) => {
	serverClock.set(offset);
	await talk(ann, bob);
	expect([count(ann, "offline"), count(bob, "offline")]).toEqual([0, 0]);
});

test("the room's times have never gone back, and time spent here is right all the same", async () => {
	const times = ann.lines.flatMap(({ at }) => (typeof at === "number" ? [at] : []));
	expect(times.length).toBeGreaterThan(10);
	expect(times).toEqual(times.toSorted((a, b) => a - b));
	ann.send({ type: "who" });
	const { at, members } = await ann.waitFor({ type: "roster" });
	const spent = (members as { since: number }[]).map(({ since }) => Number(at) - since);
	for (const milliseconds of spent) expect(milliseconds).toBeWithin(1, MINUTE * 1000);
});

test.each([
	["two minutes back", -2 * MINUTE],
	["an hour on", HOUR],
])("a client's clock goes %s while it is away: it comes back", async (_, offset) => {
	await breakAround(() => {
		clientClock.set(offset);
		return talk(ann);
	});
	await talk(ann, bob);
});

test.each([
	["an hour on", HOUR],
	["two hours back", -HOUR],
])("the server's clock goes %s while a member is away: it keeps its place", async (_, offset) => {
	await breakAround(() => {
		serverClock.set(offset);
		return talk(ann);
	});
	await talk(ann, bob);
	expect(stage.server.err).not.toContain(" left ");
});
