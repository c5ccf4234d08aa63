import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import type { Bot } from "../../support/programs.ts";
import { Cluster } from "./cluster.ts";

// The network between servers and Redis breaks. For 30 seconds of silence, run: bun run servers

/** A bot on each server. */
const openTalk = (cluster: Cluster): Promise<Bot[]> =>
	Promise.all(cluster.stages.map((stage, index) => stage.member(`member${index}`)));

/** Each says something, and all hear it, once and in one order. */
async function talk(bots: readonly Bot[], text: string): Promise<void> {
	for (const [index, bot] of bots.entries()) bot.say(`${text} ${index}`);
	for (const bot of bots) {
		for (const index of bots.keys()) await bot.waitFor({ type: "said", text: `${text} ${index}` });
	}
	const [first, ...others] = bots.map(({ lines }) => lines.filter(({ type }) => type === "said"));
	const texts = first?.map(({ text }) => text) ?? [];
	expect(new Set(texts).size).toBe(texts.length);
	for (const said of others) expect(said).toEqual(first ?? []);
}

test.each(["reset", "fin", "half"] as const)(
	"connections to Redis that break (%s)",
	async (how) => {
		await using cluster = await Cluster.open();
		const bots = await openTalk(cluster);
		await talk(bots, "before");
		for (const index of [0, 1]) {
			cluster.network(index).cut(how);
			await talk(bots, `after ${index}`);
		}
	},
);

test("a byte at a time", async () => {
	await using cluster = await Cluster.open({ networkFaults: () => ({ split: true }) });
	const bots = await openTalk(cluster);
	for (let round = 0; round < 5; round++) await talk(bots, `round ${round}`);
});

test("silence, both ways and one way: the other servers go on, and nothing is lost or doubled", async () => {
	await using cluster = await Cluster.open({ size: 4 });
	const bots = await openTalk(cluster);
	const [cut, deaf, , well] = bots as [Bot, Bot, Bot, Bot];
	await talk(bots, "before");
	const before = cluster.networks.map(({ size }) => size);
	cluster.network(0).silence("up", "down");
	cluster.network(1).silence("down");
	cluster.network(2).silence("up");
	for (const [index, bot] of bots.entries()) bot.say(`in the silence ${index}`);
	await well.waitFor({ type: "said", text: "in the silence 3" });
	for (const [index, network] of cluster.networks.slice(0, 3).entries()) {
		await eventually("connections beside those that say nothing", () => {
			return network.size > (before[index] ?? 0);
		});
	}
	for (const { lines } of [cut, deaf]) {
		expect(lines.findLast(({ type }) => type === "said")?.text).toStartWith("before");
	}
	// A login waits, too.
	const late = cluster.stage(0).bot("late", PASSWORD);
	for (const index of [0, 1, 2]) cluster.network(index).release();
	await talk(bots, "after");
	await late.waitFor({ type: "welcome" });
	for (const bot of bots) {
		for (const index of bots.keys())
			await bot.waitFor({ type: "said", text: `in the silence ${index}` });
		expect(bot.lines.some(({ type }) => type === "offline" || type === "left")).toBe(false);
	}
	await talk(bots, "at last");
});
