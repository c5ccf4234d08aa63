import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Cluster } from "./cluster.ts";

// Redis is gone for a while, and has everything when it is back.

test("talk waits while Redis is gone, and goes on: nobody is expelled, and nothing is missed", async () => {
	await using cluster = await Cluster.open({}, "--grace", "30");
	const [ann, bob] = [await cluster.stage(0).member("ann"), await cluster.stage(1).member("bob")];
	const carol = await cluster.member("carol");
	await bob.waitFor({ type: "joined", name: "carol" });
	cluster.balancer.refuses = true;
	cluster.balancer.cut();
	await carol.waitFor({ type: "offline" });
	const logs = () => cluster.stages.map(({ server }) => server.err).join("");
	await eventually("offline", () => / offline carol /.test(logs()));

	await cluster.redis.stop();
	for (const [bot, text] of [
		[ann, "said by ann in the gap"],
		[bob, "said by bob in the gap"],
	] as const) {
		bot.say(text);
		bot.send({ type: "who" });
		await bot.waitFor({ type: "roster" });
		expect(bot.lines.some(({ type }) => type === "said")).toBe(false);
	}
	for (const { server } of cluster.stages) {
		await server.waitForOutput(/takes nothing\. .* What anybody says waits until it does\./);
	}
	await cluster.redis.restart();
	// For the log, an hour has passed: twenty seconds take too long here.
	await cluster.pass(3600);
	for (const bot of [ann, bob]) {
		for (const text of ["said by ann in the gap", "said by bob in the gap"]) {
			await bot.waitFor({ type: "said", text });
		}
	}
	for (const { server } of cluster.stages) await server.waitForOutput(" takes entries again.");
	cluster.balancer.refuses = false;
	expect(await carol.waitFor({ type: "online" })).toMatchObject({ lost: 0 });
	for (const text of ["said by ann in the gap", "said by bob in the gap"]) {
		await carol.waitFor({ type: "said", text });
	}
	carol.say("all here");
	for (const bot of [ann, bob]) {
		await bot.waitFor({ type: "said", text: "all here" });
		expect(bot.lines.filter(({ type }) => ["left", "away"].includes(type))).toEqual([]);
	}
});
