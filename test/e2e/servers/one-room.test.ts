import { afterAll, expect, test } from "bun:test";
import { Fernet } from "../../../lib/wire/crypto/fernet.ts";
import { eventually } from "../../support/eventually.ts";
import { settle, waitForDenial } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import type { Bot, Json, Stage } from "../../support/programs.ts";
import { inflated } from "../../support/wire-reader.ts";
import { Cluster } from "./cluster.ts";

// What members, and owners, of one server do reaches those of the others.

const cluster = await Cluster.open({}, "--owner", "boss@gmail.com,vice@gmail.com");
afterAll(() => cluster[Symbol.asyncDispose]());
const [one, two] = [cluster.stage(0), cluster.stage(1)];
const boss = await one.member("boss");
const ann = await one.member("ann");
const vice = await two.member("vice");
const bob = await two.member("bob");
const ALL = [boss, ann, vice, bob];

/** What everybody in the room hears, from its first number on. */
const eventsOf = (bot: Bot): Json[] => bot.lines.filter(({ seq }) => typeof seq === "number");

test("a private message reaches the member of another server, and nobody else", async () => {
	ann.send({ type: "tell", to: "bob", text: "for bob alone" });
	for (const bot of [ann, bob]) await bot.waitFor({ type: "told", text: "for bob alone" });
	bob.send({ type: "tell", to: "ann", text: "for ann alone" });
	for (const bot of [ann, bob]) await bot.waitFor({ type: "told", text: "for ann alone" });
	await settle(ann, ...ALL);
	for (const bot of [boss, vice]) expect(bot.out).not.toContain("alone");
});

test("/who is the same everywhere", async () => {
	const rosters = await Promise.all(
		ALL.map(async (bot) => {
			bot.send({ type: "who" });
			return (await bot.waitFor({ type: "roster" })).members as { name: string; visit: string }[];
		}),
	);
	const rows = rosters.map((roster) => roster.map(({ name, visit }) => [name, visit]));
	expect(rows[0]?.map(([name]) => name).toSorted()).toEqual(["ann", "bob", "boss", "vice"]);
	expect(rows).toEqual(ALL.map(() => rows[0] ?? []));
});

test("an owner's title, announcement and mute hold on every server, for those who come later too", async () => {
	boss.send({ type: "title", title: "tea at five" });
	boss.send({ type: "announce", text: "the kettle is on" });
	boss.send({ type: "mute", name: "bob" });
	for (const bot of ALL) {
		await bot.waitFor({ type: "titled", title: "tea at five" });
		await bot.waitFor({ type: "announced", text: "the kettle is on" });
		await bot.waitFor({ type: "muted", name: "bob" });
	}
	bob.say("may I speak?");
	expect(await bob.waitFor({ type: "failed" })).toMatchObject({ code: "muted" });
	await using again = await one.member("bob");
	again.say("from another server, perhaps?");
	expect(await again.waitFor({ type: "failed" })).toMatchObject({ code: "muted" });
	expect(again.lines[0]).toMatchObject({ title: "tea at five" });
	// The newest login of an account wins, wherever it is.
	expect(await bob.waitFor({ type: "closed" })).toMatchObject({ reason: "replaced" });
	vice.send({ type: "unmute", who: "bob" });
	await again.waitFor({ type: "unmuted", name: "bob" });
	again.say("I may again");
	for (const bot of [boss, ann, vice]) await bot.waitFor({ type: "said", text: "I may again" });
});

test("a kick and a ban reach members of another server, and no server lets the banned in", async () => {
	const [carl, dora] = [await two.member("carl"), await two.member("dora")];
	boss.send({ type: "kick", name: "carl", reason: "noise" });
	expect(await carl.exit()).toBe(2);
	expect(carl.lines.at(-1)).toMatchObject({ type: "closed", reason: "kicked" });
	boss.send({ type: "ban", who: "dora" });
	expect(await dora.exit()).toBe(2);
	expect(dora.lines.at(-1)).toMatchObject({ type: "closed", reason: "banned" });
	for (const stage of [one, two]) expect(await waitForDenial(stage.bot("dora"))).toBe("banned");
	vice.send({ type: "bans" });
	expect(await vice.waitFor({ type: "banlist" })).toMatchObject({ addresses: ["dora@gmail.com"] });
	vice.send({ type: "unban", address: "dora@gmail.com" });
	await boss.waitFor({ type: "unbanned" });
	await using back = await one.member("dora");
	back.send({ type: "leave" });
	expect(await back.exit()).toBe(0);
});

test("names and accounts are taken on every server", async () => {
	for (const stage of [one, two]) {
		const args = ["--name", "boss", "--email", "other@gmail.com"];
		expect(await waitForDenial(stage.bot("boss", undefined, stage.port, ...args))).toBe(
			"name_taken",
		);
	}
});

test("no key that a member knew opens anything that is said on any server after it has left", async () => {
	const [eve, here, there] = [
		await Peer.member(one, "eve"),
		await Peer.member(one, "harry"),
		await Peer.member(two, "theo"),
	];
	eve.send({ type: "leave" });
	await eve.waitUntilClosed();
	await there.waitFor("left");
	const known = [eve.key, ...eve.messages.flatMap(({ key }) => (key ? [String(key)] : []))];
	const before = [here, there].map(({ received }) => received.length);
	here.send({ type: "say", id: "1", text: "now that eve is gone" });
	there.send({ type: "say", id: "1", text: "I never liked her" });
	await Promise.all([here, there].map((peer) => peer.waitFor("said")));
	await ann.waitFor({ type: "said", text: "I never liked her" });
	const lines = [here, there].flatMap(({ received }, i) => received.slice(before[i]).split("\n"));
	const tokens = lines.flatMap((line) => line.split(" ")[1] ?? []);
	expect(tokens.length).toBeGreaterThan(1);
	for (const key of known) for (const token of tokens) expect(() => opened(key, token)).toThrow();
	for (const peer of [here, there]) await peer[Symbol.asyncDispose]();
});

const opened = (key: string, token: string) => inflated(new Fernet(key).decrypt(token)).toString();

test("who is away, and back, is so on every server", async () => {
	const paul = await cluster.member("paul");
	await vice.waitFor({ type: "joined", name: "paul" });
	cluster.balancer.refuses = true;
	cluster.balancer.cut();
	await paul.waitFor({ type: "offline" });
	const isOffline = ({ server }: Stage) => server.err.includes(" offline paul ");
	await eventually("offline", () => isOffline(one) || isOffline(two));
	for (let passed = 3; passed <= 15; passed += 3) {
		await cluster.pass(3);
		await settle(ann, vice);
	}
	for (const bot of [boss, ann, vice]) await bot.waitFor({ type: "away", name: "paul" });
	cluster.balancer.refuses = false;
	await paul.waitFor({ type: "online" });
	for (const bot of [boss, ann, vice]) await bot.waitFor({ type: "back", name: "paul" });
});

test("everybody heard the same under every number, whichever server they were on", async () => {
	await settle(vice, boss, ann);
	const [first = [], ...others] = [boss, ann, vice].map(eventsOf);
	const since = Math.max(...[first, ...others].map(([event]) => Number(event?.seq)));
	const shared = (events: Json[]) => events.filter(({ seq }) => Number(seq) >= since);
	expect(shared(first).length).toBeGreaterThan(20);
	for (const events of others) expect(shared(events)).toEqual(shared(first));
});
