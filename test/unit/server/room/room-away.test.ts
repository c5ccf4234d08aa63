import { describe, expect, test } from "bun:test";
import { RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";
import { AWAY_AFTER, GRACE, isFree, movesIn, textsIn, trio } from "./trio.ts";

// Being away: what the others see, whose connection counts, and who has which keys.

const LARGE = 400;

describe("the others", () => {
	test("hear of a short break nothing", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.pass(AWAY_AFTER - 1);
		harness.resume(bob);
		harness.pass(GRACE);
		expect(movesIn(ann)).toEqual([
			["joined", "bob"],
			["joined", "carol"],
		]);
	});

	test("hear of a longer one that somebody is away, once, and is back", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.pass(AWAY_AFTER);
		harness.pass(1000);
		expect(movesIn(ann).slice(2)).toEqual([["away", "bob"]]);
		harness.resume(bob);
		harness.turn();
		expect(movesIn(ann).slice(2)).toEqual([
			["away", "bob"],
			["back", "bob"],
		]);
		expect(movesIn(bob).slice(1)).toEqual(movesIn(ann).slice(2));
		// The next break starts its own countdown.
		harness.lose(bob);
		harness.pass(AWAY_AFTER - 1);
		expect(ann.away).toEqual([]);
		harness.pass(1);
		expect(ann.away).toEqual(["bob"]);
	});

	test("hear in the end that who did not come back has left, and the name is free only then", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.pass(GRACE - 1);
		expect([isFree(harness, "bob"), harness.room.size]).toEqual([false, 3]);
		expect(harness.here).toEqual(["ann", "bob", "carol"]);
		harness.pass(1);
		expect(movesIn(ann).slice(2)).toEqual([
			["away", "bob"],
			["left", "bob"],
		]);
		expect([isFree(harness, "bob"), harness.room.size]).toEqual([true, 2]);
		expect(harness.resume(bob)).toBe(false);
	});

	test("wait for the last one to come back before the room ends", () => {
		const { harness, clients } = RoomHarness.with({ grace: GRACE }, "ann");
		const [ann] = clients as [TestClient];
		harness.lose(ann);
		harness.pass(GRACE - 1);
		expect([harness.ended, harness.room.size, ann.member?.presence.state]).toEqual([
			0,
			1,
			"absent",
		]);
		harness.resume(ann);
		harness.pass(GRACE);
		expect([harness.ended, ann.member?.presence.state]).toEqual([0, "online"]);
		harness.lose(ann);
		harness.pass(GRACE);
		expect([harness.ended, harness.room.size]).toEqual([1, 0]);
	});

	test("leave a large room together, as its other members do", () => {
		const harness = new RoomHarness({ grace: GRACE, maxMembers: LARGE });
		const clients = Array.from({ length: LARGE }, (_, i) => harness.join(`m${i}`));
		harness.turn();
		// In a room of 400, 20 ms pass between two changes of who is in it.
		for (const client of clients.slice(0, 3)) {
			harness.lose(client);
			harness.pass(5);
		}
		harness.pass(GRACE - 15);
		expect(harness.room.size).toBe(LARGE - 1);
		harness.pass(19);
		expect(harness.room.size).toBe(LARGE - 1);
		harness.pass(1);
		expect(harness.room.size).toBe(LARGE - 3);
	});

	test("who join later learn from the welcome who is away and since when, and so does who asks", () => {
		for (const newcomerEvents of [0, 100]) {
			const { harness, ann, bob, carol } = trio({ newcomerEvents });
			const rosterOf = (client: TestClient) => {
				if (client.member) harness.room.requestRoster(client.member);
				harness.turn();
				const members = client.toldOf("roster").at(-1)?.members ?? [];
				return members.flatMap(({ name, away }) => (away === undefined ? [] : [[name, away]]));
			};
			harness.lose(bob);
			harness.pass(AWAY_AFTER - 1);
			expect(rosterOf(ann)).toEqual([]);
			harness.pass(1);
			const at = ann.events.findLast(({ type }) => type === "away")?.at ?? 0;
			const visit = bob.visits.get("bob") ?? "";
			harness.pass(60_000);
			const dora = harness.join("dora", "dora");
			harness.turn();
			expect(dora.toldOf("welcome").at(-1)?.away).toEqual([[visit, at]]);
			expect([rosterOf(ann), rosterOf(dora)]).toEqual([[["bob", at]], [["bob", at]]]);
			harness.resume(bob);
			harness.turn();
			const erik = harness.join("erik", "erik");
			harness.turn();
			expect(erik.toldOf("welcome").at(-1)).not.toHaveProperty("away");
			expect(rosterOf(carol)).toEqual([]);
		}
	});

	test("can tell somebody who is away something all the same", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.pass(AWAY_AFTER);
		harness.tell(ann, "BOB", "read this later");
		expect(textsIn(ann)).toEqual(["read this later"]);
		harness.resume(bob);
		expect(textsIn(bob)).toEqual(["read this later"]);
	});
});

describe("connections", () => {
	test("of one member: the newest wins, and the older one's end harms nobody", () => {
		const { harness, ann, bob } = trio();
		const older = bob.link;
		expect(harness.resume(bob)).toBe(true);
		expect(bob.dismissed).toEqual(["replaced"]);
		if (bob.member) harness.room.disconnect(bob.member, older, "broken");
		harness.say(ann, "hello");
		harness.pass(GRACE);
		expect(textsIn(bob)).toEqual(["hello"]);
		expect(bob.isConnected).toBe(true);
		expect(movesIn(ann).slice(2)).toEqual([]);
	});

	test("of an account that logs in again: the place that was kept is given up", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.pass(AWAY_AFTER);
		const again = harness.join("bob", "bob");
		harness.turn();
		harness.pass(GRACE);
		expect(movesIn(ann).slice(2)).toEqual([
			["away", "bob"],
			["left", "bob"],
			["joined", "bob"],
		]);
		expect(again.isConnected).toBe(true);
		expect(bob.dismissed).toEqual([]);
	});

	test("that break while coming back leave no ghost, and what they missed is not lost", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.say(ann, "hello");
		harness.turn();
		bob.isBreaking = true;
		expect(harness.resume(bob)).toBe(true);
		harness.turn();
		expect([bob.isConnected, bob.member?.presence.state]).toEqual([false, "absent"]);
		expect(textsIn(bob)).toEqual([]);
		harness.say(ann, "are you there?");
		harness.pass(AWAY_AFTER);
		expect(ann.away).toEqual(["bob"]);
		expect(harness.resume(bob)).toBe(true);
		expect(textsIn(bob)).toEqual(["hello", "are you there?"]);
		harness.lose(bob);
		harness.pass(GRACE);
		expect(ann.members).toEqual(["ann", "carol"]);
	});

	test("that break at the welcome leave a place to come back to, for so long and no longer", () => {
		const { harness, ann } = trio();
		const dan = harness.join("dan");
		dan.isBreaking = true;
		harness.turn();
		harness.say(ann, "hello");
		harness.turn();
		expect(harness.resume(dan)).toBe(true);
		expect(textsIn(dan)).toEqual(["hello"]);
		harness.lose(dan);
		harness.pass(GRACE);
		expect(ann.members).toEqual(["ann", "bob", "carol"]);
	});

	test("that are lost before the room lets them in have no place", () => {
		const { harness, ann } = trio();
		harness.lose(harness.join("dan"));
		harness.turn();
		expect(movesIn(ann)).not.toContainEqual(["joined", "dan"]);
		expect(isFree(harness, "dan")).toBe(true);
	});
});

describe("a member that says goodbye", () => {
	test("and hangs up in the same turn has left, without a grace", () => {
		const { harness, ann, bob } = trio();
		harness.depart(bob);
		harness.lose(bob);
		harness.turn();
		harness.turn();
		expect(ann.members).toEqual(["ann", "carol"]);
		expect(harness.resume(bob)).toBe(false);
	});

	test.each([
		["with something else in that turn", true],
		["with nothing else in that turn", false],
	])("and comes back in the same turn has left all the same, %s", (_, isBusy) => {
		const { harness, ann, bob } = trio();
		if (isBusy) harness.say(ann, "hello");
		harness.depart(bob);
		harness.resume(bob);
		harness.turn();
		harness.turn();
		expect(bob.dismissed).toContain("left");
		expect(bob.isConnected).toBe(false);
		expect(ann.members).toEqual(["ann", "carol"]);
		expect(harness.room.applications.findByResumeToken(bob.token)).toBeNull();
	});

	test("while another comes back is told to have left once", () => {
		const { harness, ann, bob, carol } = trio();
		harness.lose(bob);
		harness.say(ann, "hello");
		harness.depart(carol);
		expect(harness.resume(bob)).toBe(true);
		harness.turn();
		harness.turn();
		expect(bob.members).toEqual(["ann", "bob"]);
		expect(movesIn(bob).slice(-1)).toEqual([["left", "carol"]]);
	});

	test("is told nothing more in private, and its author is told that nobody was", () => {
		const { harness, ann, bob } = trio();
		harness.say(ann, "goodbye");
		harness.depart(bob);
		harness.tell(ann, "bob", "wait!");
		harness.turn();
		harness.turn();
		expect(textsIn(bob)).toEqual(["goodbye"]);
		expect(ann.whispers).toEqual([]);
		expect(ann.toldOf("refused")).toMatchObject([{ code: "no_such_member" }]);
	});
});

describe("keys", () => {
	test("that changed while somebody was away are told at coming back, and not to who has left", () => {
		const { harness, ann, bob, carol } = trio();
		harness.lose(bob);
		harness.depart(carol);
		harness.turn();
		harness.say(ann, "without carol");
		harness.turn();
		const known = ann.lines.length;
		expect(bob.keys.at(-1)?.epoch).toBeLessThan(ann.keys.at(-1)?.epoch ?? 0);
		harness.resume(bob);
		expect(bob.keys.at(-1)).toEqual(ann.keys.at(-1) as NonNullable<(typeof ann.keys)[0]>);
		harness.say(ann, "with bob");
		harness.turn();
		expect(textsIn(bob)).toEqual(["without carol", "with bob"]);
		for (const line of ann.lines.slice(known - 1)) {
			expect([bob.canOpen(line), carol.canOpen(line)]).toEqual([true, false]);
		}
	});

	test("of who did not come back open nothing after it", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.pass(GRACE);
		const known = ann.lines.length;
		harness.say(ann, "at last alone");
		harness.turn();
		expect(ann.lines.slice(known - 1).filter((line) => bob.canOpen(line))).toEqual([]);
	});

	test("of who was lost and has joined anew begin with the new welcome", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		harness.say(ann, "meanwhile");
		harness.turn();
		const earlier = [...ann.lines];
		const again = harness.join("bob", "bob");
		harness.turn();
		expect(earlier.filter((line) => again.canOpen(line))).toEqual([]);
		expect(textsIn(again)).toEqual([]);
	});
});
