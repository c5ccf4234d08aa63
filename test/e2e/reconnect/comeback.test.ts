import { expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { settle, waitForRefusal } from "../../support/owners.ts";
import { type Bot, Stage } from "../../support/programs.ts";

// What members see when a connection breaks, and when its member comes back.

/** The texts that a bot received, public and private, in order. */
const heard = (bot: Bot): unknown[] =>
	bot.lines.flatMap(({ type, text }) => (type === "said" || type === "told" ? [text] : []));

/** What a bot was told about who is here. */
const comings = (bot: Bot): string[] =>
	bot.lines.flatMap(({ type, name }) =>
		["joined", "left", "away", "back"].includes(type) ? [`${name} ${type}`] : [],
	);

/** A bot whose connection goes through the proxy. */
async function memberThrough(
	proxy: FaultProxy,
	stage: Stage,
	name: string,
	...flags: string[]
): Promise<Bot> {
	const bot = stage.bot(name, PASSWORD, proxy.port, ...flags);
	await bot.waitFor({ type: "welcome" });
	return bot;
}

/** Breaks every connection through the proxy, which refuses new ones from then on. */
async function breakOff(proxy: FaultProxy, bot: Bot): Promise<void> {
	proxy.refuses = true;
	proxy.cut();
	await bot.waitFor({ type: "offline" });
}

for (const how of ["reset", "fin", "half"] as const) {
	test(`a connection that ends by ${how} is mended: no new login, nothing missed, seen by nobody`, async () => {
		await using stage = await Stage.local();
		await using proxy = await FaultProxy.open(stage.port);
		const ann = await memberThrough(proxy, stage, "ann");
		const bob = await stage.member("bob");
		bob.send({ type: "tell", to: "ann", text: "before, to you" });
		bob.say("before");
		await ann.waitFor({ type: "said", text: "before" });
		proxy.refuses = true;
		proxy.cut(how);
		await ann.waitFor({ type: "offline" });
		bob.say("one");
		bob.send({ type: "tell", to: "ann", text: "two" });
		bob.say("three");
		await bob.waitFor({ type: "said", text: "three" });
		expect(heard(ann)).toEqual(["before, to you", "before"]);

		proxy.refuses = false;
		expect(await ann.waitFor({ type: "online" })).toEqual({ type: "online", lost: 0 });
		bob.say("after");
		await ann.waitFor({ type: "said", text: "after" });
		expect(heard(ann)).toEqual(["before, to you", "before", "one", "two", "three", "after"]);
		expect(heard(bob)).toEqual(heard(ann));
		expect(comings(bob)).toEqual([]);
		expect(stage.logins).toEqual(["ann@gmail.com", "bob@gmail.com"]);
		await eventually("the old key gone", async () => (await stage.keyFiles()).length === 2);
	});
}

test.concurrent("what was said while the connection was broken is said when it is mended, once", async () => {
	await using stage = await Stage.local();
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await memberThrough(proxy, stage, "ann");
	const bob = await stage.member("bob");
	await ann.waitFor({ type: "joined" });
	await breakOff(proxy, ann);
	ann.say("one");
	ann.send({ type: "tell", to: "bob", text: "two" });
	ann.say("three");
	await ann.waitFor({ type: "pending", text: "three" });
	proxy.refuses = false;
	await ann.waitFor({ type: "said", text: "three" });
	await bob.waitFor({ type: "said", text: "three" });
	expect([heard(ann), heard(bob)]).toEqual(Array(2).fill(["one", "two", "three"]));
});

test.concurrent("what is asked for while the connection is broken is refused, and not done later", async () => {
	await using stage = await Stage.local("--owner", "ann@gmail.com");
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await memberThrough(proxy, stage, "ann");
	const bob = await stage.member("bob");
	await ann.waitFor({ type: "joined" });
	await breakOff(proxy, ann);
	const requests = [
		{ type: "kick", id: "0", name: "bob" },
		{ type: "announce", id: "1", text: "hear, hear" },
		{ type: "close", id: "2" },
		{ type: "who", id: "3" },
	];
	for (const request of requests) {
		expect(await waitForRefusal(ann, request)).toBe("offline");
	}
	const refused = ann.lines.filter(({ type }) => type === "refused");
	expect(refused.map(({ id }) => id)).toEqual(requests.map(({ id }) => id));
	proxy.refuses = false;
	await ann.waitFor({ type: "online" });
	expect(await waitForRefusal(ann, { type: "kick", name: "nobody" })).toBe("no_such_member");
	await settle(ann, bob);
	const types = ["kicked", "announced", "roster"];
	expect([...ann.lines, ...bob.lines].filter(({ type }) => types.includes(type))).toEqual([]);
});

test.concurrent("what the room has and did not get to say so is not said again", async () => {
	await using stage = await Stage.local();
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await memberThrough(proxy, stage, "ann");
	const bob = await stage.member("bob");
	await ann.waitFor({ type: "joined", name: "bob" });
	proxy.stall("down");
	ann.say("once");
	ann.send({ type: "tell", to: "bob", text: "once to you" });
	await bob.waitFor({ type: "told", text: "once to you" });
	expect(heard(ann)).toEqual([]);
	proxy.cut();
	await ann.waitFor({ type: "online" });
	ann.say("last");
	await ann.waitFor({ type: "said", text: "last" });
	await bob.waitFor({ type: "said", text: "last" });
	expect([heard(ann), heard(bob)]).toEqual(Array(2).fill(["once", "once to you", "last"]));
});

for (const ending of ["the end of input", "leave"] as const) {
	test(`${ending}, while the connection is broken: all is said first, then the bot leaves`, async () => {
		await using stage = await Stage.local();
		await using proxy = await FaultProxy.open(stage.port);
		const ann = await memberThrough(proxy, stage, "ann");
		const bob = await stage.member("bob");
		await breakOff(proxy, ann);
		ann.say("last words");
		if (ending === "leave") ann.send({ type: "leave" });
		else ann.endInput();
		await ann.waitFor({ type: "pending" });
		proxy.refuses = false;
		await bob.waitFor({ type: "said", text: "last words" });
		await bob.waitFor({ type: "left", name: "ann" });
		expect(await ann.exit()).toBe(0);
		expect(ann.lines.at(-1)).toMatchObject({ type: "closed", reason: "left" });
	});
}

test.concurrent("a log that does not reach back: the gap is a number, and the rest is heard", async () => {
	await using stage = await Stage.local("--log-events", "4");
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await memberThrough(proxy, stage, "ann");
	const bob = await stage.member("bob");
	const { visit } = await ann.waitFor({ type: "joined" });
	await breakOff(proxy, ann);
	for (const text of ["1", "2", "3", "4", "5"]) bob.say(text);
	for (const text of ["6", "7", "8"]) bob.send({ type: "tell", to: "ann", text });
	for (const text of ["9", "10"]) bob.say(text);
	await bob.waitFor({ type: "said", text: "10" });
	proxy.refuses = false;
	expect(await ann.waitFor({ type: "online" })).toEqual({ type: "online", lost: 6 });
	// It no longer knows who is here, so the client asks.
	const members = [{ name: "ann" }, { name: "bob", visit }];
	expect(await ann.waitFor({ type: "roster" })).toMatchObject({ members });
	bob.say("11");
	await ann.waitFor({ type: "said", text: "11" });
	expect(heard(ann)).toEqual(["7", "8", "9", "10", "11"]);
});

test.concurrent("a log that has forgotten the message whose echo got lost: sent again, it is not said again", async () => {
	await using stage = await Stage.local("--log-events", "4");
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await memberThrough(proxy, stage, "ann");
	const bob = await stage.member("bob");
	await ann.waitFor({ type: "joined" });
	proxy.stall("down");
	ann.say("once");
	await bob.waitFor({ type: "said", text: "once" });
	for (const text of ["1", "2", "3", "4", "5"]) {
		bob.say(text);
		// Each text needs a turn of its own: the server forgets all events of a turn together.
		await bob.waitFor({ type: "said", text });
	}
	proxy.cut();
	await ann.waitFor({ type: "online", lost: 2 });
	ann.say("last");
	await bob.waitFor({ type: "said", text: "last" });
	expect(heard(bob)).toEqual(["once", "1", "2", "3", "4", "5", "last"]);
});

test.concurrent("silence on a connection that was never ended: over after --idle-time, left after --grace", async () => {
	await using stage = await Stage.local("--idle-time", "1", "--grace", "1");
	await using proxy = await FaultProxy.open(stage.port);
	await memberThrough(proxy, stage, "ann");
	const bob = await stage.member("bob");
	const pings = setInterval(() => bob.send({ type: "who" }), 200);
	proxy.stall("up", "down");
	const stalled = performance.now();
	try {
		await eventually("ann's key gone", async () => (await stage.keyFiles()).length === 1);
		expect(comings(bob)).toEqual([]);
		await bob.waitFor({ type: "left", name: "ann" });
	} finally {
		clearInterval(pings);
	}
	// Both times are counted from what was last heard, a moment before the stall, and looked at four
	// times a second.
	const seconds = (performance.now() - stalled) / 1000;
	expect(seconds).toBeWithin(1, 6);
});

test.concurrent("the grace of the last member runs out: the room ends", async () => {
	await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true }, "--grace", "1");
	await using proxy = await FaultProxy.open(stage.port);
	const ann = await memberThrough(proxy, stage, "ann", "--patience", "1");
	const bob = await memberThrough(proxy, stage, "bob", "--patience", "1");
	await breakOff(proxy, ann);
	await bob.waitFor({ type: "offline" });
	expect(await stage.server.exit()).toBe(0);
	expect(stage.server.out).toContain(reason("room_ended").text);
	expect([await ann.exit(), await bob.exit()]).toEqual([5, 5]);
	expect(ann.lines.at(-1)).toMatchObject({ type: "closed", reason: "server_gone" });
	expect(await stage.keyFiles()).toEqual([]);
});
