import { expect, test } from "bun:test";
import { memberOf, RoomHarness } from "./room-harness.ts";

// The room's log takes nothing for now, as with a full disk.

test("those who asked are told; what nobody asks for again waits, and nothing else", () => {
	/** The operator's list. */
	const banned = ["mallory@gmail.com"];
	const missingIn = (bans: ReadonlySet<string>) => banned.filter((account) => !bans.has(account));
	const { harness, clients } = RoomHarness.with(
		{
			...{ grace: 60_000, awayAfter: 1000 },
			moderation: {
				handle: () => {},
				banEdits: ({ bans }) => {
					const added = missingIn(bans);
					return added.length > 0 ? { added, removed: [], saved: [] } : null;
				},
			},
		},
		...["ann", "bob", "carol", "dora"],
	);
	const [ann, bob, carol, dora] = clients as [
		(typeof clients)[0],
		(typeof clients)[0],
		(typeof clients)[0],
		(typeof clients)[0],
	];
	harness.lose(carol);
	harness.turn();
	harness.log.isFull = true;
	banned.push("lory@gmail.com");

	harness.say(ann, "not now", "a");
	harness.tell(ann, "bob", "nor this", { id: "b" });
	harness.turn();
	expect(ann.toldOf("refused")).toMatchObject([
		{ code: "not_taken", id: "a" },
		{ code: "not_taken", id: "b" },
	]);
	const eve = harness.join("eve");
	harness.turn();
	expect(eve.denied).toBe("store_unavailable");
	expect(harness.resume(carol)).toBe(false);
	expect(carol.denied).toBe("store_unavailable");
	harness.lose(bob);
	for (let times = 0; times < 5; times++) harness.depart(dora);
	harness.turn();
	// At once, however long the log takes nothing.
	expect(dora.dismissed).toContain("left");

	for (let ticks = 0; ticks < 1000; ticks++) harness.pass(250);
	expect(harness.log.refused.length).toBeLessThan(12);
	expect(harness.here).toEqual(["ann", "bob", "carol", "dora"]);

	harness.log.isFull = false;
	harness.pass(250);
	expect(harness.room.snapshot().bans).toEqual(banned);
	// Bob's break counts from when the log has it, Carol has been away for too long.
	expect(harness.here).toEqual(["ann", "bob"]);
	expect(memberOf(bob).offlineSince).not.toBeNull();
	harness.say(ann, "now", "a");
	harness.turn();
	expect(ann.events.at(-1)).toMatchObject({ type: "said", id: "a", text: "now" });
	expect(harness.resume(bob)).toBe(true);
});
