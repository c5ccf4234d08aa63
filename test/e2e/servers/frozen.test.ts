import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Cluster } from "./cluster.ts";

// A server freezes for longer than the others wait for it. They go by the log's time, which passes in
// an instant here.

test("a frozen server wakes: nothing that it held appears, its members have moved, and it joins anew", async () => {
	await using cluster = await Cluster.open({ arePrograms: true });
	const [frozen, living] = [cluster.stage(0), cluster.stage(1)];
	// By the load balancer's turns.
	const ann = await cluster.member("ann");
	await frozen.server.waitForOutput(" joined ann ");
	const bob = await living.member("bob");
	/** Sends no message again, as clients do. */
	const carol = await Peer.member(frozen, "carol");
	carol.send({ type: "say", id: "1", text: "before" });
	await bob.waitFor({ type: "said", text: "before" });

	// One message waits on the way to Redis, another on the way to the server.
	cluster.network(0).stall("up", "down");
	carol.send({ type: "say", id: "2", text: "on the way to Redis" });
	const inflight = carol.messages.length;
	carol.send({ type: "ping", private: 0 });
	await eventually("pong", () =>
		carol.messages.slice(inflight).some(({ type }) => type === "pong"),
	);
	frozen.server.kill("SIGSTOP");
	carol.send({ type: "say", id: "3", text: "on the way to the server" });

	for (let passed = 3; passed <= 12; passed += 3) {
		await cluster.pass(3);
		bob.say(`${passed} s`);
		await bob.waitFor({ type: "said", text: `${passed} s` });
	}
	// Not only late: members who come back before that are simply elsewhere.
	await eventually("its death", async () => (await cluster.changes()).includes("dead"));
	cluster.balancer.cut();
	await ann.waitFor({ type: "online" });
	await living.server.waitForOutput(" back ann ");
	await using moved = await Peer.resume(living, carol);
	moved.send({ type: "say", id: "4", text: "I have moved" });
	await bob.waitFor({ type: "said", text: "I have moved" });

	cluster.network(0).release();
	frozen.server.kill("SIGCONT");
	expect(await carol.waitFor("closing")).toMatchObject({ code: "moving" });
	await using dora = await frozen.member("dora");
	dora.say("this server lives");
	for (const bot of [ann, bob]) await bot.waitFor({ type: "said", text: "this server lives" });
	bob.say("so does this one");
	await dora.waitFor({ type: "said", text: "so does this one" });
	for (const bot of [ann, bob, dora]) expect(bot.out).not.toContain("on the way");
	expect(bob.lines.filter(({ type }) => type === "left")).toEqual([]);
});
