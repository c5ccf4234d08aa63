import { describe, expect, test } from "bun:test";
import { type Ear, Scene } from "./test-room.ts";
import { AWAY_AFTER, GRACE, isFree, movesIn, textsIn, trio } from "./trio.ts";

// Being gone: what the others see of it, whose connection counts, and who has which keys.

describe("the others", () => {
	test("hear of a short break nothing", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.pass(AWAY_AFTER - 1);
		scene.resume(bob);
		scene.pass(GRACE);
		expect(movesIn(ann)).toEqual([
			["joined", "bob"],
			["joined", "carol"],
		]);
	});

	test("hear of a longer one that somebody is away, once, and is back", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.pass(AWAY_AFTER);
		scene.pass(1000);
		expect(movesIn(ann).slice(2)).toEqual([["away", "bob"]]);
		scene.resume(bob);
		scene.turn();
		expect(movesIn(ann).slice(2)).toEqual([
			["away", "bob"],
			["back", "bob"],
		]);
		expect(movesIn(bob).slice(1)).toEqual(movesIn(ann).slice(2));
		// The next break begins anew.
		scene.lose(bob);
		scene.pass(AWAY_AFTER - 1);
		expect(ann.away).toEqual([]);
		scene.pass(1);
		expect(ann.away).toEqual(["bob"]);
	});

	test("hear in the end that who did not come back has left, and the name is free only then", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.pass(GRACE - 1);
		expect([isFree(scene, "bob"), scene.room.size]).toEqual([false, 3]);
		expect(scene.here).toEqual(["ann", "bob", "carol"]);
		scene.pass(1);
		expect(movesIn(ann).slice(2)).toEqual([
			["away", "bob"],
			["left", "bob"],
		]);
		expect([isFree(scene, "bob"), scene.room.size]).toEqual([true, 2]);
		expect(scene.resume(bob)).toBe(false);
	});

	test("wait for the last one to come back before the room ends", () => {
		const { scene, ears } = Scene.with({ grace: GRACE }, "ann");
		const [ann] = ears as [Ear];
		scene.lose(ann);
		scene.pass(GRACE - 1);
		expect([scene.ended, scene.room.size, ann.member?.presence.state]).toEqual([0, 1, "offline"]);
		scene.resume(ann);
		scene.pass(GRACE);
		expect([scene.ended, ann.member?.presence.state]).toEqual([0, "online"]);
		scene.lose(ann);
		scene.pass(GRACE);
		expect([scene.ended, scene.room.size]).toEqual([1, 0]);
	});

	test("can tell somebody who is away something all the same", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.pass(AWAY_AFTER);
		scene.tell(ann, "BOB", "read this later");
		expect(textsIn(ann)).toEqual(["read this later"]);
		scene.resume(bob);
		expect(textsIn(bob)).toEqual(["read this later"]);
	});
});

describe("connections", () => {
	test("of one member: the newest wins, and the older one's end harms nobody", () => {
		const { scene, ann, bob } = trio();
		const older = bob.link;
		expect(scene.resume(bob)).toBe(true);
		expect(bob.dismissed).toEqual(["replaced"]);
		if (bob.member) scene.room.disconnect(bob.member, older, "broken");
		scene.say(ann, "hello");
		scene.pass(GRACE);
		expect(textsIn(bob)).toEqual(["hello"]);
		expect(bob.isConnected).toBe(true);
		expect(movesIn(ann).slice(2)).toEqual([]);
	});

	test("of an account that logs in again: the place that was kept is given up", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.pass(AWAY_AFTER);
		const again = scene.join("bob", "bob");
		scene.turn();
		scene.pass(GRACE);
		expect(movesIn(ann).slice(2)).toEqual([
			["away", "bob"],
			["left", "bob"],
			["joined", "bob"],
		]);
		expect(again.isConnected).toBe(true);
		expect(bob.dismissed).toEqual([]);
	});

	test("that break while coming back leave no ghost, and what they missed is not lost", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.say(ann, "hello");
		scene.turn();
		bob.isBreaking = true;
		expect(scene.resume(bob)).toBe(true);
		expect([bob.isConnected, bob.member?.presence.state]).toEqual([false, "offline"]);
		expect(textsIn(bob)).toEqual([]);
		scene.say(ann, "are you there?");
		scene.pass(AWAY_AFTER);
		expect(ann.away).toEqual(["bob"]);
		expect(scene.resume(bob)).toBe(true);
		expect(textsIn(bob)).toEqual(["hello", "are you there?"]);
		scene.lose(bob);
		scene.pass(GRACE);
		expect(ann.members).toEqual(["ann", "carol"]);
	});

	test("that break at the welcome leave a place to come back to, for so long and no longer", () => {
		const { scene, ann } = trio();
		const dan = scene.join("dan");
		dan.isBreaking = true;
		scene.turn();
		scene.say(ann, "hello");
		scene.turn();
		expect(scene.resume(dan)).toBe(true);
		expect(textsIn(dan)).toEqual(["hello"]);
		scene.lose(dan);
		scene.pass(GRACE);
		expect(ann.members).toEqual(["ann", "bob", "carol"]);
	});

	test("that are lost before the welcome have no place", () => {
		const { scene, ann } = trio();
		scene.lose(scene.join("dan"));
		scene.turn();
		expect(movesIn(ann).slice(-2)).toEqual([
			["joined", "dan"],
			["left", "dan"],
		]);
		expect(isFree(scene, "dan")).toBe(true);
	});
});

describe("who says goodbye", () => {
	test("and hangs up in the same turn has left, without a grace", () => {
		const { scene, ann, bob } = trio();
		scene.depart(bob);
		scene.lose(bob);
		scene.turn();
		scene.turn();
		expect(ann.members).toEqual(["ann", "carol"]);
		expect(scene.resume(bob)).toBe(false);
	});

	test.each([
		["with something else in that turn", true],
		["with nothing else in that turn", false],
	])("and comes back in the same turn has left all the same, %s", (_, isBusy) => {
		const { scene, ann, bob } = trio();
		if (isBusy) scene.say(ann, "hello");
		scene.depart(bob);
		scene.resume(bob);
		scene.turn();
		scene.turn();
		expect(bob.dismissed).toContain("left");
		expect(bob.isConnected).toBe(false);
		expect(ann.members).toEqual(["ann", "carol"]);
		expect(scene.room.members.findByResumeToken(bob.token)).toBeNull();
	});

	test("while another comes back is told to have left once", () => {
		const { scene, ann, bob, carol } = trio();
		scene.lose(bob);
		scene.say(ann, "hello");
		scene.depart(carol);
		expect(scene.resume(bob)).toBe(true);
		scene.turn();
		scene.turn();
		expect(bob.members).toEqual(["ann", "bob"]);
		expect(movesIn(bob).slice(-1)).toEqual([["left", "carol"]]);
	});

	test("is told nothing more in private, and its author is told that nobody was", () => {
		const { scene, ann, bob } = trio();
		scene.say(ann, "goodbye");
		scene.depart(bob);
		scene.tell(ann, "bob", "wait!");
		scene.turn();
		scene.turn();
		expect(textsIn(bob)).toEqual(["goodbye"]);
		expect(ann.whispers).toEqual([]);
		expect(ann.toldOf("refused")).toMatchObject([{ code: "no_such_member" }]);
	});
});

describe("keys", () => {
	test("that changed while somebody was away are told at coming back, and not to who has left", () => {
		const { scene, ann, bob, carol } = trio();
		scene.lose(bob);
		scene.depart(carol);
		scene.turn();
		scene.say(ann, "without carol");
		scene.turn();
		const known = ann.lines.length;
		expect(bob.keys.at(-1)?.epoch).toBeLessThan(ann.keys.at(-1)?.epoch ?? 0);
		scene.resume(bob);
		expect(bob.keys.at(-1)).toEqual(ann.keys.at(-1) as NonNullable<(typeof ann.keys)[0]>);
		scene.say(ann, "with bob");
		scene.turn();
		expect(textsIn(bob)).toEqual(["without carol", "with bob"]);
		for (const line of ann.lines.slice(known - 1)) {
			expect([bob.canOpen(line), carol.canOpen(line)]).toEqual([true, false]);
		}
	});

	test("of who did not come back open nothing after it", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.pass(GRACE);
		const known = ann.lines.length;
		scene.say(ann, "at last alone");
		scene.turn();
		expect(ann.lines.slice(known - 1).filter((line) => bob.canOpen(line))).toEqual([]);
	});

	test("of who was lost and has joined anew begin with the new welcome", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.say(ann, "meanwhile");
		scene.turn();
		const earlier = [...ann.lines];
		const again = scene.join("bob", "bob");
		scene.turn();
		expect(earlier.filter((line) => again.canOpen(line))).toEqual([]);
		expect(textsIn(again)).toEqual([]);
	});
});
