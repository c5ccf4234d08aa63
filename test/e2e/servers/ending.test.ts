import { expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { Cluster } from "./cluster.ts";

// A room of several servers ends as any other does, everywhere, and nothing of it is left in Redis.

const lastLine = (text: string): string | undefined => text.trimEnd().split("\n").at(-1);

test("the last member leaves one server: all end with 0, and nothing is left in Redis", async () => {
	await using cluster = await Cluster.open({ size: 3, endsWhenEmpty: true });
	const bots = [await cluster.stage(0).member("ann"), await cluster.stage(1).member("bob")];
	for (const bot of bots) bot.say("before the end");
	// The third server does not reach Redis while the others delete the room.
	const network = cluster.network(2);
	network.refuses = true;
	network.cut();
	for (const bot of bots) {
		bot.send({ type: "leave" });
		expect(await bot.exit()).toBe(0);
	}
	for (const index of [0, 1]) expect(await cluster.stage(index).server.exit()).toBe(0);
	network.refuses = false;
	expect(await cluster.end()).toEqual([0, 0, 0]);
	for (const { server } of cluster.stages) {
		expect(lastLine(server.out)).toBe(reason("room_ended").text);
	}
	expect(await cluster.redis.lastingKeys()).toEqual([]);
});

test("an owner closes the room: the members of all servers are told, and all servers end with 0", async () => {
	await using cluster = await Cluster.open({ size: 3 }, "--owner", "boss@gmail.com");
	const boss = await cluster.stage(0).member("boss");
	const others = await Promise.all(
		[1, 2].map((index) => cluster.stage(index).member(`member${index}`)),
	);
	boss.send({ type: "close" });
	const { text } = reason("room_closed", "boss");
	for (const bot of [boss, ...others]) {
		expect(await bot.exit()).toBe(0);
		expect(bot.lines.at(-1)).toEqual({ type: "closed", reason: "room_closed", text });
	}
	expect(await cluster.end()).toEqual([0, 0, 0]);
	for (const { server } of cluster.stages) expect(lastLine(server.out)).toBe(text);
	expect(await cluster.redis.lastingKeys()).toEqual([]);
});

test("SIGTERM moves a server's members to the others; with the last server the room waits in Redis", async () => {
	await using cluster = await Cluster.open({ size: 2 });
	const ann = await cluster.member("ann");
	const bob = await cluster.member("bob");
	for (const [index, bot] of [ann, bob].entries()) {
		const server = cluster.stage(index).server;
		await server.waitForOutput(/ joined /);
		bot.say(`line ${index}`);
	}
	expect(await cluster.stop(0, "SIGTERM")).toBe(0);
	expect(cluster.stage(0).server.out).toContain(
		"The room goes on with its other servers, or when one starts again.",
	);
	expect(await ann.waitFor({ type: "offline" })).toMatchObject({ text: reason("moving").text });
	bob.say("said meanwhile");
	expect(await ann.waitFor({ type: "online" })).toMatchObject({ lost: 0 });
	await ann.waitFor({ type: "said", text: "said meanwhile" });
	ann.say("here I am");
	await bob.waitFor({ type: "said", text: "here I am" });
	expect(bob.lines.some(({ type }) => type === "offline" || type === "left")).toBe(false);

	expect(await cluster.stop(1, "SIGTERM")).toBe(0);
	await cluster.start(0);
	await cluster
		.stage(0)
		.server.waitForOutput("its 2 members are with other servers or can come back");
	await eventually("both back", () => {
		const times = (wanted: string) => ann.lines.filter(({ type }) => type === wanted).length;
		return times("online") === 2 && bob.lines.some(({ type }) => type === "online");
	});
	bob.say("all is as it was");
	await ann.waitFor({ type: "said", text: "all is as it was" });
	for (const bot of [ann, bob]) {
		const seqs = bot.lines.flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));
		expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
	}
});
