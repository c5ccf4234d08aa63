import { expect, test } from "bun:test";
import { RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";

const openable = (client: TestClient, lines: string[]) =>
	lines.filter((line) => client.canOpen(line));

test("a new member can open nothing that was sealed before its welcome", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann] = clients as [TestClient, TestClient];
	harness.say(ann, "before");
	harness.turn();
	const carol = harness.join("carol");
	harness.say(ann, "in the turn of joining");
	harness.turn();
	const earlier = [...ann.lines];
	harness.say(ann, "after");
	harness.turn();
	// Later keys are no help either.
	harness.join("dan");
	harness.turn();
	expect(openable(carol, earlier)).toEqual([]);
	expect(openable(ann, earlier)).toEqual(earlier);
	expect(carol.texts).toEqual(["after"]);
});

test("a welcome says where the order stands, and the member receives everything after it", () => {
	const { harness, clients } = RoomHarness.of("ann");
	const [ann] = clients as [TestClient];
	for (let i = 0; i < 5; i++) harness.say(ann, "before");
	const bob = harness.join("bob");
	harness.say(ann, "in the turn of joining");
	harness.turn();
	expect(bob.toldOf("welcome")).toMatchObject([{ seq: harness.events.length }]);
	harness.say(ann, "after");
	harness.turn();
	expect(bob.events).toEqual(harness.events.slice(-1));
});

test.each(["lose", "depart"] as const)("after its %s a member can open nothing", (way) => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	// The others get a newcomer's key under the old one, also when a member leaves.
	const carol = harness.join("carol");
	harness[way](bob);
	harness.turn();
	harness.turn();
	const known = carol.lines.length;
	const dan = harness.join("dan");
	for (const text of ["one", "two", "three"]) {
		harness.say(ann, text);
		harness.turn();
	}
	harness.lose(dan);
	harness.turn();
	expect(openable(bob, carol.lines.slice(known))).toEqual([]);
	expect(openable(bob, ann.lines.slice(-4))).toEqual([]);
	expect(ann.texts).toEqual(["one", "two", "three"]);
});

test("what is said in the turn of leaving is not for who has left", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	harness.lose(bob);
	harness.say(ann, "at last alone");
	const lines = ann.lines.length;
	harness.turn();
	expect(ann.texts).toEqual(["at last alone"]);
	expect(openable(bob, ann.lines.slice(lines))).toEqual([]);
});

test("a replaced connection can open nothing after it", () => {
	const { harness, clients } = RoomHarness.of("bob", "ann");
	const [bob, old] = clients as [TestClient, TestClient];
	const fresh = harness.join("ann");
	const lines = bob.lines.length;
	harness.say(bob, "in this turn");
	harness.turn();
	harness.say(bob, "in the next");
	harness.turn();
	expect(openable(old, bob.lines.slice(lines))).toEqual([]);
	expect(fresh.texts).toEqual(["in the next"]);
});

test("leaves in between share one new key, told before the next batch", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob", "carol", "dan", "eve");
	const [ann, bob, carol, dan, eve] = clients as [
		TestClient,
		TestClient,
		TestClient,
		TestClient,
		TestClient,
	];
	const keys = ann.keys.length;
	for (const client of [bob, carol, dan]) harness.lose(client);
	expect(ann.toldOf("rekey")).toEqual([]);
	harness.say(ann, "one");
	harness.turn();
	expect(ann.keys).toHaveLength(keys + 1);
	const [rekey] = ann.toldOf("rekey");
	expect(ann.toldOf("rekey")).toHaveLength(1);
	expect(eve.toldOf("rekey")).toEqual([rekey as NonNullable<typeof rekey>]);
	expect(rekey?.epoch).toBe((ann.keys.at(-2)?.epoch ?? 0) + 1);
	harness.say(ann, "two");
	harness.turn();
	expect(ann.keys).toHaveLength(keys + 1);
	expect(eve.texts).toEqual(["one", "two"]);
});

test("joins in one turn share one key, which the others are told under the old one", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	const old = ann.keys.at(-1);
	const lines = clients.map((client) => client.lines.length);
	const newcomers = ["carol", "dan", "eve"].map((name) => harness.join(name));
	harness.turn();
	const key = newcomers[0]?.keys[0];
	expect(key?.epoch).toBe((old?.epoch ?? 0) + 1);
	for (const newcomer of newcomers) {
		expect(newcomer.keys).toEqual([key as NonNullable<typeof key>]);
		expect(newcomer.members).toEqual(["ann", "bob", "carol", "dan", "eve"]);
		expect(newcomer.lines).toEqual([]);
	}
	for (const client of [ann, bob]) {
		expect(client.keys.at(-1)).toEqual(key as NonNullable<typeof key>);
		expect(client.toldOf("rekey")).toEqual([]);
	}
	// What they tell is large in a large room: all but the line with the key can be deflated.
	expect(clients.map((client) => client.lines.length)).toEqual(lines.map((count) => count + 2));
	expect(ann.lines.slice(-2)).toEqual(bob.lines.slice(-2));
	const [first, last] = ann.batches.slice(-2);
	expect(first).toMatchObject({ seq: 3, events: [{ name: "carol" }, { name: "dan" }] });
	expect(last).toMatchObject({ seq: 5, events: [{ name: "eve" }], next: key });
	expect(first).not.toHaveProperty("next");
});

test("a connection that breaks in the turn in which it asks for a place costs no key and gets none", () => {
	const { harness, clients } = RoomHarness.of("ann");
	const [ann] = clients as [TestClient];
	const keys = ann.keys.length;
	const bob = harness.join("bob");
	harness.lose(bob);
	harness.turn();
	expect(bob.keys).toEqual([]);
	expect(ann.keys).toHaveLength(keys);
	expect(ann.members).toEqual(["ann"]);
});

test("keys are never used twice, and each is another", () => {
	const { harness, clients } = RoomHarness.of("ann");
	const [ann] = clients as [TestClient];
	for (let i = 0; i < 20; i++) {
		const guest = harness.join("guest");
		harness.turn();
		harness.lose(guest);
		harness.say(ann, `round ${i}`);
		harness.turn();
	}
	expect(ann.keys).toHaveLength(41);
	expect(new Set(ann.keys.map(({ key }) => key)).size).toBe(41);
	// The first of all is for members of an earlier server.
	expect(ann.keys.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 41 }, (_, i) => i + 2));
});

test.each([
	["a batch", false],
	["a new key", true],
])("a connection that breaks while it is told %s disturbs no newcomer", (_, isKeyNew) => {
	const { harness, clients } = RoomHarness.of("ann", "slow", "guest");
	const [ann, slow, guest] = clients as [TestClient, TestClient, TestClient];
	harness.lose(guest);
	if (!isKeyNew) harness.turn();
	harness.say(ann, "a flood");
	const bob = harness.join("bob");
	slow.isBreaking = true;
	harness.turn();
	harness.turn();
	harness.say(ann, "after");
	harness.turn();
	expect(bob.texts).toEqual(["after"]);
	for (const client of [ann, bob]) expect(client.members).toEqual(["ann", "bob"]);
	expect(openable(slow, ann.lines.slice(-1))).toEqual([]);
});

test("a connection that breaks at its welcome takes no key with it", () => {
	const { harness, clients } = RoomHarness.of("ann");
	const [ann] = clients as [TestClient];
	const bob = harness.join("bob");
	bob.isBreaking = true;
	const carol = harness.join("carol");
	harness.turn();
	harness.say(ann, "after");
	harness.turn();
	expect(openable(bob, ann.lines.slice(-1))).toEqual([]);
	expect(carol.texts).toEqual(["after"]);
	for (const client of [ann, carol]) expect(client.members).toEqual(["ann", "carol"]);
});
