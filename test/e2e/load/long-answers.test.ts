import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { Guest, usage } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { MIB, SLACK } from "../../support/flood.ts";
import { waitForEntry } from "../../support/log.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";
import { fileOf } from "../moderation/banning-room.ts";

// Requests of a few bytes whose answers have millions.

const QUEUE = MIB;
const FLAGS = [
	...["--owner", "boss@gmail.com", "--log", "json", "--queue-bytes", String(QUEUE)],
	...["--message-rate", "1000000", "--message-burst", "1000000"],
];

/** As many bans as there may be, with addresses as long as they may be. */
async function banMany(stage: Stage): Promise<void> {
	const domain = `@${"d".repeat(63)}.`.padEnd(150, "c");
	const address = (_: unknown, i: number) => `${String(i).padStart(64, "u")}${domain}\n`;
	await mkdir(stage.state, { recursive: true });
	await writeFile(fileOf(stage.state), Array.from({ length: 10_000 }, address).join(""));
}

test("an owner who asks for all bans again and again, and reads nothing, costs its queue and nobody else's time", async () => {
	await using stage = await Stage.open(...FLAGS);
	await banMany(stage);
	await using member = await Guest.join(stage, "member");
	const boss = await Peer.member(stage, "boss");
	boss.send({ type: "bans" });
	expect((await boss.waitFor("banlist")).addresses).toHaveLength(10_000);
	const { rss: base } = await usage(stage.server.pid);
	boss.stall();
	boss.sendAtOnce(Array(20 * 64).fill({ type: "bans" }));
	let peak = 0;
	await eventually("the end of it", async () => {
		const isOver = stage.server.err.includes("too_slow");
		expect(await member.say("tick")).toBeLessThan(1000);
		peak = Math.max(peak, (await usage(stage.server.pid)).rss);
		return isOver;
	});
	await waitForEntry(stage.server, { event: "offline", name: "boss", code: "too_slow" });
	expect(peak).toBeLessThan(base + QUEUE + SLACK);
	expect(member.faults).toEqual([]);
});
