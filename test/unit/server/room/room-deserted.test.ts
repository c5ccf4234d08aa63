import { expect, test } from "bun:test";
import type { RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";
import { isFree, trio } from "./trio.ts";

// A room in which nobody is connected waits less long than for a member whom others wait for.

const GRACE = 600_000;
const DESERTED_GRACE = 120_000;

const deserted = (grace = GRACE) => trio({ grace, desertedGrace: DESERTED_GRACE });

function loseAll(harness: RoomHarness, ...clients: TestClient[]): void {
	for (const client of clients) harness.lose(client);
}

test("keeps no place longer than that after the last break, however old the others are", () => {
	const { harness, ann, bob, carol } = deserted();
	harness.lose(ann);
	harness.pass(DESERTED_GRACE);
	harness.lose(bob);
	harness.pass(300_000);
	harness.lose(carol);
	harness.pass(DESERTED_GRACE - 1);
	expect([harness.room.size, isFree(harness, "ann"), harness.ended]).toEqual([3, false, 0]);
	harness.pass(1);
	expect([harness.room.size, isFree(harness, "ann"), harness.ended]).toEqual([0, true, 1]);
	for (const client of [ann, bob, carol]) expect(harness.resume(client)).toBe(false);
});

test("one that comes back, or joins, is enough for all the others", () => {
	const { harness, ann, bob, carol } = deserted();
	loseAll(harness, ann, bob, carol);
	harness.pass(DESERTED_GRACE - 1);
	harness.resume(bob);
	harness.pass(DESERTED_GRACE);
	expect(harness.room.size).toBe(3);
	harness.depart(bob);
	harness.turn();
	harness.pass(DESERTED_GRACE - 1);
	harness.join("dan");
	harness.pass(DESERTED_GRACE);
	expect(harness.here).toEqual(["ann", "carol", "dan"]);
	// Theirs is over all the same.
	harness.pass(GRACE);
	expect([harness.here, harness.ended]).toEqual([["dan"], 0]);
});

test.each<[string, (harness: RoomHarness, client: TestClient) => void]>([
	["says goodbye", (harness, client) => harness.depart(client)],
	["is removed", (harness, client) => harness.kick(client, client)],
])("counts from when the last one who was connected %s", (_, go) => {
	const { harness, ann, bob, carol } = deserted();
	loseAll(harness, ann, carol);
	harness.pass(GRACE - DESERTED_GRACE - 10);
	go(harness, bob);
	harness.turn();
	harness.pass(DESERTED_GRACE - 1);
	expect([harness.here, harness.ended]).toEqual([["ann", "carol"], 0]);
	harness.resume(carol);
	harness.pass(5);
	expect(harness.here).toEqual(["ann", "carol"]);
	harness.pass(10);
	expect(harness.here).toEqual(["carol"]);
});

test("a grace that is shorter ends the room earlier", () => {
	const { harness, ann, bob, carol } = deserted(5000);
	loseAll(harness, ann, bob);
	harness.pass(3000);
	harness.lose(carol);
	harness.pass(2000);
	expect(harness.here).toEqual(["carol"]);
	harness.pass(2999);
	expect(harness.ended).toBe(0);
	harness.pass(1);
	expect([harness.room.size, harness.ended]).toEqual([0, 1]);
});

test("a room that stays without anybody keeps every place for its grace", () => {
	const { harness, ann, bob, carol } = trio({ grace: GRACE });
	loseAll(harness, ann, bob, carol);
	harness.pass(GRACE - 1);
	expect(harness.room.size).toBe(3);
	harness.resume(ann);
	harness.lose(ann);
	harness.pass(1);
	expect(harness.here).toEqual(["ann"]);
});
