import { expect, test } from "bun:test";
import { reason } from "../../../../lib/wire/reason.ts";
import { type Ear, Scene } from "./test-room.ts";
import { GRACE, isFree, movesIn, textsIn, trio } from "./trio.ts";

// Being put out: at once, for good, and having heard all that happened before.

function expel(scene: Scene, { member }: Ear): void {
	if (member) scene.room.kick(member, reason("kicked", "boss"));
}

test("who is put out has heard the turn so far, and reads nothing of what follows", () => {
	const { scene, ann, bob, carol } = trio();
	scene.say(bob, "before");
	const { token } = bob;
	expel(scene, bob);
	scene.say(ann, "after");
	scene.turn();
	expect([textsIn(bob), bob.dismissed]).toEqual([["before"], ["kicked"]]);
	expect([scene.room.size, isFree(scene, "bob"), scene.resume(bob, { token })]).toEqual([
		...[2, true, false],
	]);
	for (const ear of [ann, carol]) {
		expect(textsIn(ear)).toEqual(["before", "after"]);
		expect(movesIn(ear).at(-1)).toEqual(["left", "bob"]);
	}
	expect(bob.read(carol.lines.at(-1) ?? Buffer.of())).toBeNull();
});

test("who is away is put out all the same, and has left once", () => {
	const { scene, ann, bob } = trio();
	scene.lose(bob);
	expel(scene, bob);
	scene.turn();
	expect([scene.room.size, isFree(scene, "bob"), scene.resume(bob)]).toEqual([2, true, false]);
	scene.pass(GRACE);
	const left = movesIn(ann).filter(([type]) => type === "left");
	expect(left).toEqual([["left", "bob"]]);
});

test("who has only just joined is welcomed first, so that it can be told why it has to go", () => {
	const { scene } = trio();
	const dora = scene.join("dora");
	expel(scene, dora);
	scene.turn();
	expect([dora.toldOf("welcome").length, dora.dismissed]).toEqual([1, ["kicked"]]);
	expect(scene.here).toEqual(["ann", "bob", "carol"]);
});

test("who has left already is not put out again, nor is who came in its place", () => {
	const { scene, bob } = trio();
	const again = scene.join("bob");
	scene.turn();
	expel(scene, bob);
	scene.turn();
	expect([bob.dismissed[0], again.dismissed, scene.room.size]).toEqual(["replaced", [], 3]);
});

test("the room ends with the last one, in whatever way that one goes", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	// Being put out ends the turn so far, and with it whoever has said goodbye in it is gone.
	scene.say(ann, "goodbye");
	scene.depart(ann);
	expel(scene, bob);
	scene.turn();
	expect([scene.room.size, scene.ended]).toEqual([0, 1]);
});
