import { expect, test } from "bun:test";
import { eventually } from "../../support/eventually.ts";
import { Cluster } from "./cluster.ts";

// A server was out of reach of Redis for so long that what it missed is in a snapshot alone.

const LOG = "fc:{room}:log";
const SNAPSHOT = "fc:{room}:snap";
/** Together more than `--log-bytes` as records, and less as events. */
const COUNT = 600;
const TEXT = "x".repeat(2700);

test("a server that takes over a snapshot moves its members, who miss nothing and hear nothing twice", async () => {
	const unhurried = ["--message-rate", "10000", "--message-burst", "10000"];
	await using cluster = await Cluster.open(
		{},
		"--log-bytes",
		String(2 * 1024 * 1024),
		...unhurried,
	);
	const [ann, bob] = [await cluster.stage(0).member("ann"), await cluster.stage(1).member("bob")];
	await ann.waitFor({ type: "joined", name: "bob" });
	const network = cluster.network(1);
	network.refuses = true;
	network.cut();
	bob.say("in the gap");
	for (let n = 1; n <= COUNT; n++) ann.say(`${TEXT} ${n}`);
	await ann.waitFor({ type: "said", text: `${TEXT} ${COUNT}` });
	const id = await eventually("snapshot", () => cluster.redis.cli("GETRANGE", SNAPSHOT, "0", "24"));
	// As the servers do fifteen seconds later.
	await cluster.redis.cli("XTRIM", LOG, "MINID", id.split("-").map(Number).join("-"));
	network.refuses = false;
	expect(await bob.waitFor({ type: "offline" })).toMatchObject({ code: "moving" });
	expect(await bob.waitFor({ type: "online" })).toMatchObject({ lost: 0 });
	for (const bot of [ann, bob]) await bot.waitFor({ type: "said", text: "in the gap" });
	const of = ({ lines }: typeof ann) =>
		lines.filter(({ type }) => type === "said").map(({ seq, text }) => [seq, text]);
	expect(of(ann)).toHaveLength(COUNT + 1);
	expect(of(bob)).toEqual(of(ann));
	expect(ann.lines.some(({ type }) => type === "left")).toBe(false);
});
