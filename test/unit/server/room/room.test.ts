import { expect, test } from "bun:test";
import { MAX_TEXT_BYTES } from "../../../../lib/wire/messages.ts";
import { MAX_SERVER_LINE } from "../../../../lib/wire/server-line.ts";
import { Ear, Scene } from "./test-room.ts";

test("what one turn brings is one token, the same bytes for every member", () => {
	const { scene, ears } = Scene.of("ann", "bob", "carol");
	const [ann, bob, carol] = ears as [Ear, Ear, Ear];
	const before = ears.map((ear) => ear.lines.length);
	const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
	for (const [i, text] of texts.entries()) scene.say(i % 2 === 0 ? ann : bob, text);
	expect(ears.map((ear) => ear.lines.length)).toEqual(before);
	scene.turn();
	expect(ears.map((ear) => ear.lines.length)).toEqual(before.map((count) => count + 1));
	for (const ear of ears) expect(ear.texts.slice(-100)).toEqual(texts);
	expect(bob.lines.at(-1)).toEqual(ann.lines.at(-1) as Buffer);
	expect(carol.lines.at(-1)).toEqual(ann.lines.at(-1) as Buffer);
});

test("a turn's end is asked for once, and not by an idle room", () => {
	const { scene, ears } = Scene.of("ann");
	const [ann] = ears as [Ear];
	const { asked } = scene;
	for (let i = 0; i < 10; i++) scene.say(ann, "hello");
	scene.join("bob");
	expect(scene.asked).toBe(asked + 1);
	scene.turn();
	expect(scene.asked).toBe(asked + 1);
	const lines = ann.lines.length;
	scene.room.flush();
	expect(ann.lines).toHaveLength(lines);
});

test("all that happens is numbered without a gap, and has its time", () => {
	const { scene, ears } = Scene.of("ann");
	const [ann] = ears as [Ear];
	scene.now = 2000;
	const bob = scene.join("bob");
	scene.turn();
	scene.now = 3000;
	scene.say(bob, "hello", "id-x");
	scene.depart(bob);
	scene.turn();
	scene.turn();
	expect(scene.events).toEqual([
		{ type: "joined", seq: 1, at: 1000, name: "ann" },
		{ type: "joined", seq: 2, at: 2000, name: "bob" },
		{ type: "said", seq: 3, at: 3000, from: "bob", id: "id-x", text: "hello" },
		{ type: "left", seq: 4, at: 3000, name: "bob" },
	]);
	expect(ann.events).toEqual(scene.events.slice(1));
	expect(bob.events).toEqual(scene.events.slice(2, 3));
});

test("a turn's batch has one number and one time, those of what happened first", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	scene.now = 2000;
	scene.say(ann, "hello", "id-1");
	scene.now = 2500;
	scene.say(bob, "hi", "id-2");
	scene.lose(bob);
	scene.now = 2700;
	scene.turn();
	expect(ann.batches.at(-1)).toEqual({
		...{ seq: 3, at: 2000 },
		events: [
			{ type: "said", from: "ann", id: "id-1", text: "hello" },
			{ type: "said", from: "bob", id: "id-2", text: "hi" },
			{ type: "left", name: "bob" },
		],
	});
	expect(scene.events.slice(-3)).toMatchObject([3, 4, 5].map((seq) => ({ seq, at: 2000 })));
	// The next turn has a time of its own.
	scene.say(ann, "alone", "id-3");
	scene.turn();
	expect(ann.batches.at(-1)).toMatchObject({ seq: 6, at: 2700 });
	expect(ann.events).toEqual(scene.events.slice(1));
});

test("a private line ends what a batch holds: what comes after it has its own time", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	for (const [now, speak] of [
		[2000, () => scene.say(ann, "1")],
		[2100, () => scene.say(ann, "2")],
		[2200, () => scene.tell(ann, "bob", "3")],
		[2300, () => scene.say(ann, "4")],
		[2400, () => scene.turn()],
	] as const) {
		scene.now = now;
		speak();
	}
	expect(bob.heard.map(({ at }) => at)).toEqual([2000, 2000, 2200, 2300]);
});

test("what a break brings about in the middle of a batch is numbered in the next one", () => {
	const { scene, ears } = Scene.of("ann", "slow", "guest");
	const [ann, slow, guest] = ears as [Ear, Ear, Ear];
	scene.lose(guest);
	for (let i = 0; i < 1000; i++) scene.say(ann, `text ${i}`);
	slow.isBreaking = true;
	scene.now = 2000;
	scene.turn();
	scene.turn();
	expect(ann.batches.slice(-3)).toMatchObject([{ at: 1000 }, { at: 1000 }, { at: 2000 }]);
	expect(ann.batches.at(-1)).toMatchObject({ seq: 1005, events: [{ type: "left", name: "slow" }] });
	expect(ann.events).toEqual(scene.events.slice(1));
});

test("a welcome says who is here, in the order they came, and where the order stands", () => {
	const { scene, ears } = Scene.with({ grace: 60_000 }, "carol", "ann");
	scene.now = 5000;
	const bob = scene.join("bob");
	expect(bob.told).toEqual([]);
	scene.turn();
	const { epoch, key } = bob.keys[0] ?? {};
	const resume = expect.stringMatching(/^[0-9a-f]{32}$/);
	const members = ["carol", "ann", "bob"];
	expect(bob.told as unknown[]).toEqual([
		{ type: "welcome", name: "bob", epoch, key, seq: 3, members, resume, grace: 60_000 },
	]);
	expect(scene.who(bob)).toEqual([
		{ name: "carol", since: 1000 },
		{ name: "ann", since: 1000 },
		{ name: "bob", since: 5000 },
	]);
	expect(ears[0]?.members).toEqual(["carol", "ann", "bob"]);
});

test("an id is said once for each member, and each visit is another member", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	scene.say(ann, "one", "id-1");
	scene.say(ann, "one, sent again", "id-1");
	scene.say(bob, "bob's one", "id-1");
	scene.turn();
	scene.say(ann, "one, sent again later", "id-1");
	scene.say(ann, "two", "id-2");
	scene.turn();
	const again = scene.join("ann2", "ann");
	scene.turn();
	// A program may count its messages from 1 each time that it is started.
	scene.say(again, "one, of a new visit", "id-1");
	scene.say(again, "sent again in the new visit", "id-1");
	scene.turn();
	expect(bob.texts).toEqual(["one", "bob's one", "two", "one, of a new visit"]);
});

test("the newest connection of an account wins, and the room goes on", () => {
	const scene = new Scene();
	const old = scene.join("ann");
	scene.turn();
	const fresh = scene.join("ann");
	expect(old.dismissed).toEqual(["replaced"]);
	scene.turn();
	expect(scene.ended).toBe(0);
	expect(scene.who(fresh)).toHaveLength(1);
	expect(fresh.members).toEqual(["ann"]);
	// What is left of the old one does no harm to the new one.
	scene.lose(old);
	scene.say(fresh, "still here");
	scene.turn();
	expect(fresh.texts).toEqual(["still here"]);
	expect(old.texts).toEqual([]);
	scene.lose(fresh);
	expect(scene.ended).toBe(1);
});

test("others see the old connection leave and the new one join, under a new name too", () => {
	const { scene, ears } = Scene.of("bob", "ann");
	const [bob] = ears as [Ear, Ear];
	const annie = scene.join("annie", "ann");
	scene.turn();
	expect(bob.events.slice(-2)).toMatchObject([
		{ type: "left", name: "ann" },
		{ type: "joined", name: "annie" },
	]);
	expect(bob.members).toEqual(["bob", "annie"]);
	expect(annie.members).toEqual(["bob", "annie"]);
	// The old name is free again.
	expect(scene.join("ann", "somebody").name).toBe("ann");
});

test("the room ends when the last has left, and not before", () => {
	const { scene, ears } = Scene.of("ann", "bob", "carol");
	const [ann, bob, carol] = ears as [Ear, Ear, Ear];
	scene.lose(ann);
	scene.depart(bob);
	scene.turn();
	scene.lose(ann);
	expect([scene.ended, scene.room.size]).toEqual([0, 1]);
	scene.depart(carol);
	expect(scene.ended).toBe(0);
	scene.turn();
	expect([scene.ended, scene.room.size]).toEqual([1, 0]);
	scene.lose(carol);
	expect(scene.ended).toBe(1);
});

test("who leaves before being welcomed was there, and may have been the last", () => {
	const scene = new Scene();
	const ann = scene.join("ann");
	scene.lose(ann);
	expect(scene.ended).toBe(1);
	scene.turn();
	expect(ann.told).toEqual([]);
	const bob = scene.join("bob");
	scene.turn();
	expect(bob.members).toEqual(["bob"]);
});

test("who says goodbye hears the rest of the turn, and nothing after it", () => {
	const { scene, ears } = Scene.of("ann", "bob");
	const [ann, bob] = ears as [Ear, Ear];
	scene.say(ann, "goodbye");
	scene.depart(ann);
	scene.say(bob, "see you");
	expect(ann.dismissed).toEqual([]);
	scene.turn();
	expect(ann.texts).toEqual(["goodbye", "see you"]);
	expect(ann.dismissed).toEqual(["left"]);
	const lines = ann.lines.length;
	scene.say(bob, "gone?");
	scene.turn();
	expect(ann.lines).toHaveLength(lines);
	expect(ann.dismissed).toEqual(["left"]);
	expect(bob.events.slice(-2)).toMatchObject([
		{ type: "left", name: "ann" },
		{ type: "said", text: "gone?" },
	]);
});

// A control character is what JSON spells longest.
const longest = "\u0001".repeat(MAX_TEXT_BYTES);

test.each([
	["the longest there are", Array<string>(100).fill(longest)],
	["many short ones", Array<string>(5000).fill("\u0001")],
	["long ones after short ones", [...Array<string>(700).fill("x"), longest, longest]],
	["letters of three bytes", Array<string>(100).fill("€".repeat(MAX_TEXT_BYTES / 3))],
	["quotes", Array<string>(100).fill('"'.repeat(MAX_TEXT_BYTES))],
])("no line is longer than may be, and none is lost: %s", (_, texts) => {
	const name = "a-name-of-24-characters.";
	const { scene, ears } = Scene.of(name, "bob");
	const [ann, bob] = ears as [Ear, Ear];
	const id = "an-id-that-has-thirty-six-character";
	for (const [i, text] of texts.entries()) scene.say(ann, text, `${i}-${id}`.slice(0, 36));
	const carol = scene.join("carol");
	scene.turn();
	for (const line of bob.lines) expect(line.length - 1).toBeLessThanOrEqual(MAX_SERVER_LINE);
	expect(bob.texts).toEqual(texts);
	// Each goes on counting where the one before it ended.
	let { seq, at } = bob.batches[0] ?? {};
	for (const batch of bob.batches) {
		expect(batch).toMatchObject({ seq, at });
		seq = (seq ?? 0) + batch.events.length;
	}
	expect(bob.batches.length).toBeGreaterThan(1);
	// The key for the newcomer comes with the last of them.
	expect(bob.keys.at(-1)).toEqual(carol.keys[0] as { epoch: number; key: string });
});

test("a full room takes nobody but its own", () => {
	const scene = new Scene({ maxMembers: 2 });
	scene.join("ann");
	const bob = scene.join("bob");
	expect(scene.room.admissionError(new Ear(scene, "carol"))).toMatchObject({ code: "room_full" });
	expect(scene.room.admissionError(new Ear(scene, "bob2", "bob"))).toBeNull();
	scene.lose(bob);
	expect(scene.room.admissionError(new Ear(scene, "carol"))).toBeNull();
});

test("who is here is told once a turn, after what happened in it, to who asked and still hears", () => {
	const { scene, ears } = Scene.with({ grace: 60_000 }, "ann", "bob", "carol");
	const [ann, bob, carol] = ears as [Ear, Ear, Ear];
	for (let i = 0; i < 10; i++) if (ann.member) scene.room.requestRoster(ann.member);
	if (carol.member) scene.room.requestRoster(carol.member);
	scene.lose(carol);
	expect(ann.toldOf("roster")).toEqual([]);
	scene.join("dan");
	scene.turn();
	expect(ann.members).toEqual(["ann", "bob", "carol", "dan"]);
	const rosters = ears.map((ear) => ear.toldOf("roster").map(({ members }) => members));
	expect(rosters).toEqual([[ann.members.map((name) => ({ name, since: 1000 }))], [], []]);
	scene.turn();
	expect([ann.toldOf("roster").length, bob.toldOf("roster").length]).toEqual([1, 0]);
});
