import { expect, test } from "bun:test";
import { memberOf, RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";
import { GRACE, isFree, movesIn, textsIn, trio } from "./trio.ts";

// Kicking: at once, for good, and after everything that happened before.

test("a kicked member has received the turn so far and can read nothing that follows", () => {
	const { harness, ann, bob, carol } = trio();
	harness.say(bob, "before");
	const { token } = bob;
	harness.kick(ann, bob);
	harness.say(ann, "after");
	harness.turn();
	expect([textsIn(bob), bob.dismissed]).toEqual([["before"], ["kicked"]]);
	expect([harness.room.size, isFree(harness, "bob"), harness.resume(bob, { token })]).toEqual([
		...[2, true, false],
	]);
	for (const client of [ann, carol]) {
		expect(textsIn(client)).toEqual(["before", "after"]);
		expect(movesIn(client).at(-1)).toEqual(["left", "bob"]);
	}
	expect(bob.read(carol.lines.at(-1) ?? "")).toBeNull();
});

test("a member that is away can be kicked too, and leaves once", () => {
	const { harness, ann, bob } = trio();
	harness.lose(bob);
	harness.kick(ann, bob);
	harness.turn();
	expect([harness.room.size, isFree(harness, "bob"), harness.resume(bob)]).toEqual([
		2,
		true,
		false,
	]);
	harness.pass(GRACE);
	const left = movesIn(ann).filter(([type]) => type === "left");
	expect(left).toEqual([["left", "bob"]]);
});

test("a member kicked in the turn in which it joined is welcomed first, so that it can read why", () => {
	const { harness, ann } = trio();
	const dora = harness.join("dora");
	// Nobody can have heard of the visit yet; its number is the next.
	const visit = memberOf(ann).visit.replace(/0$/, "3");
	harness.room.request(memberOf(ann), { type: "kick", name: "dora", visit });
	harness.turn();
	expect([dora.toldOf("welcome").length, dora.dismissed]).toEqual([1, ["kicked"]]);
	expect(harness.here).toEqual(["ann", "bob", "carol"]);
});

test("a kick does not reach a member that has already left, nor the one that took its name", () => {
	const { harness, ann, bob } = trio();
	const again = harness.join("bob");
	harness.turn();
	harness.kick(ann, bob);
	harness.turn();
	expect([bob.dismissed[0], again.dismissed, harness.room.size]).toEqual(["replaced", [], 3]);
});

test("the room ends with the last one, in whatever way that one goes", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	// A kick flushes the turn, so a member who said goodbye in it is gone too.
	harness.say(ann, "goodbye");
	harness.depart(ann);
	harness.kick(bob, bob);
	harness.turn();
	expect([harness.room.size, harness.ended]).toEqual([0, 1]);
});
