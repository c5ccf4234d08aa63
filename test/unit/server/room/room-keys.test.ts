import { expect, test } from "bun:test";
import { type Ear, Scene } from "./test-room.ts";

const openable = (ear: Ear, lines: Buffer[]) => lines.filter((line) => ear.canOpen(line));

test("who joins can open nothing that was sealed before the welcome", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann] = ears as [Ear, Ear];
	scene.say(ann, "before");
	scene.turn();
	const carol = scene.join("carol");
	scene.say(ann, "in the turn of joining");
	scene.turn();
	const earlier = [...ann.lines];
	scene.say(ann, "after");
	scene.turn();
	// Later keys are no help either.
	scene.join("dan");
	scene.turn();
	expect(openable(carol, earlier)).toEqual([]);
	expect(openable(ann, earlier)).toEqual(earlier);
	expect(carol.texts).toEqual(["after"]);
});

test("who is welcomed knows where the order stands, and hears on from there", () => {
	const { scene, ears } = Scene.of("ann");
	const [ann] = ears as [Ear];
	for (let i = 0; i < 5; i++) scene.say(ann, "before");
	const bob = scene.join("bob");
	scene.say(ann, "in the turn of joining");
	scene.turn();
	expect(bob.toldOf("welcome")).toMatchObject([{ seq: scene.events.length }]);
	scene.say(ann, "after");
	scene.turn();
	expect(bob.events).toEqual(scene.events.slice(-1));
});

test.each(["lose", "depart"] as const)("after its %s a member can open nothing", (way) => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	// A newcomer's key comes to the others under the old one: in the turn of leaving too.
	const carol = scene.join("carol");
	scene[way](bob);
	scene.turn();
	scene.turn();
	const known = carol.lines.length;
	const dan = scene.join("dan");
	for (const text of ["one", "two", "three"]) {
		scene.say(ann, text);
		scene.turn();
	}
	scene.lose(dan);
	scene.turn();
	expect(openable(bob, carol.lines.slice(known))).toEqual([]);
	expect(openable(bob, ann.lines.slice(-4))).toEqual([]);
	expect(ann.texts).toEqual(["one", "two", "three"]);
});

test("what is said in the turn of leaving is not for who has left", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	scene.lose(bob);
	scene.say(ann, "at last alone");
	const lines = ann.lines.length;
	scene.turn();
	expect(ann.texts).toEqual(["at last alone"]);
	expect(openable(bob, ann.lines.slice(lines))).toEqual([]);
});

test("a replaced connection can open nothing after it", () => {
	const { scene, ears } = Scene.of("bob", "ann");
	const [bob, old] = ears as [Ear, Ear];
	const fresh = scene.join("ann");
	const lines = bob.lines.length;
	scene.say(bob, "in this turn");
	scene.turn();
	scene.say(bob, "in the next");
	scene.turn();
	expect(openable(old, bob.lines.slice(lines))).toEqual([]);
	expect(fresh.texts).toEqual(["in the next"]);
});

test("leaves in between share one new key, told before the next batch", () => {
	const { scene, ears } = Scene.of("ann", "bob", "carol", "dan", "eve");
	const [ann, bob, carol, dan, eve] = ears as [Ear, Ear, Ear, Ear, Ear];
	const keys = ann.keys.length;
	for (const ear of [bob, carol, dan]) scene.lose(ear);
	expect(ann.toldOf("rekey")).toEqual([]);
	scene.say(ann, "one");
	scene.turn();
	expect(ann.keys).toHaveLength(keys + 1);
	const [rekey] = ann.toldOf("rekey");
	expect(ann.toldOf("rekey")).toHaveLength(1);
	expect(eve.toldOf("rekey")).toEqual([rekey as NonNullable<typeof rekey>]);
	expect(rekey?.epoch).toBe((ann.keys.at(-2)?.epoch ?? 0) + 1);
	scene.say(ann, "two");
	scene.turn();
	expect(ann.keys).toHaveLength(keys + 1);
	expect(eve.texts).toEqual(["one", "two"]);
});

test("joins in one turn share one key, which the others are told under the old one", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	const old = ann.keys.at(-1);
	const lines = ears.map((ear) => ear.lines.length);
	const newcomers = ["carol", "dan", "eve"].map((name) => scene.join(name));
	scene.turn();
	const key = newcomers[0]?.keys[0];
	expect(key?.epoch).toBe((old?.epoch ?? 0) + 1);
	for (const newcomer of newcomers) {
		expect(newcomer.keys).toEqual([key as NonNullable<typeof key>]);
		expect(newcomer.members).toEqual(["ann", "bob", "carol", "dan", "eve"]);
		expect(newcomer.lines).toEqual([]);
	}
	for (const ear of [ann, bob]) {
		expect(ear.keys.at(-1)).toEqual(key as NonNullable<typeof key>);
		expect(ear.toldOf("rekey")).toEqual([]);
	}
	expect(ears.map((ear) => ear.lines.length)).toEqual(lines.map((count) => count + 1));
});

test("who came and went in one turn cost no key, and had none", () => {
	const { scene, ears } = Scene.of("ann");
	const [ann] = ears as [Ear];
	const keys = ann.keys.length;
	const bob = scene.join("bob");
	scene.lose(bob);
	scene.turn();
	expect(bob.keys).toEqual([]);
	expect(ann.keys).toHaveLength(keys);
	expect(ann.members).toEqual(["ann"]);
});

test("keys are never used twice, and each is another", () => {
	const { scene, ears } = Scene.of("ann");
	const [ann] = ears as [Ear];
	for (let i = 0; i < 20; i++) {
		const guest = scene.join("guest");
		scene.turn();
		scene.lose(guest);
		scene.say(ann, `round ${i}`);
		scene.turn();
	}
	expect(ann.keys).toHaveLength(41);
	expect(new Set(ann.keys.map(({ key }) => key)).size).toBe(41);
	expect(ann.keys.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 41 }, (_, i) => i + 1));
});

test.each([
	["a batch", false],
	["a new key", true],
])("a connection that breaks while it is told %s disturbs no newcomer", (_, isKeyNew) => {
	const { scene, ears } = Scene.of("ann", "slow", "guest");
	const [ann, slow, guest] = ears as [Ear, Ear, Ear];
	scene.lose(guest);
	if (!isKeyNew) scene.turn();
	scene.say(ann, "a flood");
	const bob = scene.join("bob");
	slow.isBreaking = true;
	scene.turn();
	scene.turn();
	scene.say(ann, "after");
	scene.turn();
	expect(bob.texts).toEqual(["after"]);
	for (const ear of [ann, bob]) expect(ear.members).toEqual(["ann", "bob"]);
	expect(openable(slow, ann.lines.slice(-1))).toEqual([]);
});

test("a connection that breaks at its welcome takes no key with it", () => {
	const { scene, ears } = Scene.of("ann");
	const [ann] = ears as [Ear];
	const bob = scene.join("bob");
	bob.isBreaking = true;
	const carol = scene.join("carol");
	scene.turn();
	scene.say(ann, "after");
	scene.turn();
	expect(openable(bob, ann.lines.slice(-1))).toEqual([]);
	expect(carol.texts).toEqual(["after"]);
	for (const ear of [ann, carol]) expect(ear.members).toEqual(["ann", "carol"]);
});
