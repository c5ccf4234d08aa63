import { expect, test } from "bun:test";
import { RoomHarness } from "./room-harness.ts";
import { TestClient } from "./test-client.ts";

// Joining, joining again, and leaving.

test("a welcome says who is here, in the order they came, and where the order stands", () => {
	const { harness, clients } = RoomHarness.with({ grace: 60_000 }, "carol", "ann");
	harness.now = 5000;
	const bob = harness.join("bob");
	expect(bob.told).toEqual([]);
	harness.turn();
	const { epoch, key } = bob.keys[0] ?? {};
	const resume = expect.stringMatching(/^[0-9a-f]{32}$/);
	const visit = expect.stringMatching(/^[\w-]{4,22}$/);
	const members = ["carol", "ann", "bob"].map((name) => [name, visit]);
	expect(bob.told as unknown[]).toEqual([
		{ type: "welcome", name: "bob", epoch, key, seq: 3, members, resume, grace: 60_000 },
	]);
	const visitOf = (name: string): string => bob.visits.get(name) ?? "";
	expect(new Set(bob.visits.values()).size).toBe(3);
	expect(harness.who(bob)).toEqual([
		{ name: "carol", visit: visitOf("carol"), since: 1000 },
		{ name: "ann", visit: visitOf("ann"), since: 1000 },
		{ name: "bob", visit: visitOf("bob"), since: 5000 },
	]);
	// The others have the same members in the same visits.
	expect(clients[0]?.members).toEqual(["carol", "ann", "bob"]);
	expect(clients[0]?.visits).toEqual(bob.visits);
});

test("the newest connection of an account wins, and the room goes on", () => {
	const harness = new RoomHarness();
	const old = harness.join("ann");
	harness.turn();
	const fresh = harness.join("ann");
	harness.turn();
	expect(old.dismissed).toEqual(["replaced"]);
	expect(harness.ended).toBe(0);
	expect(harness.who(fresh)).toHaveLength(1);
	expect(fresh.members).toEqual(["ann"]);
	// The remains of the old visit do no harm to the new one.
	harness.lose(old);
	harness.say(fresh, "still here");
	harness.turn();
	expect(fresh.texts).toEqual(["still here"]);
	expect(old.texts).toEqual([]);
	harness.lose(fresh);
	harness.turn();
	expect(harness.ended).toBe(1);
});

test("others see the old connection leave and the new one join, under a new name too", () => {
	const { harness, clients } = RoomHarness.of("bob", "ann");
	const [bob] = clients as [TestClient, TestClient];
	const annie = harness.join("annie", "ann");
	harness.turn();
	expect(bob.events.slice(-2)).toMatchObject([
		{ type: "left", name: "ann" },
		{ type: "joined", name: "annie" },
	]);
	expect(bob.members).toEqual(["bob", "annie"]);
	expect(annie.members).toEqual(["bob", "annie"]);
	// The old name is free again.
	expect(harness.admissionError(new TestClient(harness, "ann", "somebody"))).toBeNull();
});

test("the room ends when the last has left, and not before", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob", "carol");
	const [ann, bob, carol] = clients as [TestClient, TestClient, TestClient];
	harness.lose(ann);
	harness.depart(bob);
	harness.turn();
	harness.lose(ann);
	expect([harness.ended, harness.room.size]).toEqual([0, 1]);
	harness.depart(carol);
	expect(harness.ended).toBe(0);
	harness.turn();
	expect([harness.ended, harness.room.size]).toEqual([1, 0]);
	harness.lose(carol);
	expect(harness.ended).toBe(1);
});

test("a connection that breaks before it has a place was never the last one", () => {
	const harness = new RoomHarness();
	const ann = harness.join("ann");
	harness.lose(ann);
	harness.turn();
	expect([harness.ended, ann.told]).toEqual([0, []]);
	const bob = harness.join("bob");
	harness.turn();
	expect(bob.members).toEqual(["bob"]);
});

test("a full room takes nobody but its own", () => {
	const harness = new RoomHarness({ maxMembers: 2 });
	harness.join("ann");
	const bob = harness.join("bob");
	expect(harness.admissionError(new TestClient(harness, "carol"))).toMatchObject({
		code: "room_full",
	});
	expect(harness.admissionError(new TestClient(harness, "bob2", "bob"))).toBeNull();
	harness.lose(bob);
	expect(harness.admissionError(new TestClient(harness, "carol"))).toBeNull();
});
