import { expect, test } from "bun:test";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bot, Json } from "../../support/programs.ts";
import { DURABLE } from "../../support/redis.ts";
import { Cluster } from "./cluster.ts";

// Redis is there again, but no longer has all that members heard.

const FORGOT = "or Redis has forgotten what members have heard already";

const everysec = ["--appendonly", "yes", "--appendfsync", "everysec"];

async function putBack({ redis }: Cluster): Promise<void> {
	const [now, then] = [join(redis.folder, "appendonlydir"), join(redis.folder, "then")];
	await redis.stop();
	rmSync(now, { recursive: true });
	cpSync(then, now, { recursive: true });
	await redis.restart();
}

async function restart({ redis }: Cluster): Promise<void> {
	await redis.stop();
	await redis.restart();
}

test.each([
	["FLUSHALL", DURABLE, ({ redis }: Cluster) => redis.cli("FLUSHALL")],
	["an old file that is put back", DURABLE, putBack],
	["a kill, with everysec", everysec, restart],
	["a kill, with nothing on disk", ["--appendonly", "no"], restart],
])(
	"%s: every server ends with a sentence, and its members hear that the room ended",
	async (_, flags, forget) => {
		await using cluster = await Cluster.open({ size: 3, redisFlags: flags });
		const { folder } = cluster.redis;
		const bots = await Promise.all(
			cluster.stages.map((stage, index) => stage.member(`member${index}`)),
		);
		const say = async (text: string) => {
			for (const [index, bot] of bots.entries()) bot.say(`${text}${index}`);
			for (const bot of bots) {
				for (const index of bots.keys())
					await bot.waitFor({ type: "said", text: `${text}${index}` });
			}
		};
		await say("before ");
		if (flags === DURABLE)
			cpSync(join(folder, "appendonlydir"), join(folder, "then"), { recursive: true });
		await say("after ");
		// They go on talking, and nobody knows what is heard.
		let count = 0;
		const talk = setInterval(() => {
			for (const bot of bots) bot.say(`later ${count++}`);
		}, 5);
		await forget(cluster);
		for (const bot of bots) {
			expect(await bot.exit()).toBe(0);
			expect(bot.lines.at(-1)).toMatchObject({ type: "closed", reason: "room_ended" });
		}
		clearInterval(talk);
		expect(await cluster.end()).toEqual([1, 1, 1]);
		for (const { server } of cluster.stages) expect(server.err).toContain(FORGOT);
		expect(conflictsAmong(bots)).toEqual([]);
	},
);

test.each([
	["everysec: a new room begins", everysec, { type: "rejoining", code: "resume_expired" }],
	["always: the room goes on", DURABLE, { type: "online", lost: 0 }],
])("all servers and Redis are killed, with %s", async (_, redisFlags, outcome) => {
	await using cluster = await Cluster.open({ arePrograms: true, redisFlags });
	const bots = [await cluster.member("ann"), await cluster.member("bob")];
	for (const bot of bots) bot.say("before the kill");
	for (const bot of bots) await bot.waitFor({ type: "said", text: "before the kill" });
	await Promise.all([cluster.stop(0), cluster.stop(1)]);
	await restart(cluster);
	await Promise.all([cluster.start(0), cluster.start(1)]);
	for (const bot of bots) await bot.waitFor(outcome);
});

/** What has another event under a number than another member has. */
function conflictsAmong(bots: readonly Bot[]): Json[] {
	const bySeq = new Map<unknown, Json>();
	const events = bots.flatMap(({ lines }) => lines.filter(({ seq }) => seq !== undefined));
	return events.filter((event) => {
		const first = bySeq.get(event.seq);
		if (!first) bySeq.set(event.seq, event);
		return first && !Bun.deepEquals(first, event);
	});
}
