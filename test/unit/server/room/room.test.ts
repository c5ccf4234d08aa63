import { expect, test } from "bun:test";
import { MAX_TEXT_BYTES } from "../../../../lib/wire/messages.ts";
import { MAX_SERVER_LINE } from "../../../../lib/wire/server-line.ts";
import { RoomHarness, TestClient } from "./room-harness.ts";

test("what one turn brings is one token, the same bytes for every member", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob", "carol");
	const [ann, bob, carol] = clients as [TestClient, TestClient, TestClient];
	const before = clients.map((client) => client.lines.length);
	const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
	for (const [i, text] of texts.entries()) harness.say(i % 2 === 0 ? ann : bob, text);
	expect(clients.map((client) => client.lines.length)).toEqual(before);
	harness.turn();
	expect(clients.map((client) => client.lines.length)).toEqual(before.map((count) => count + 1));
	for (const client of clients) expect(client.texts.slice(-100)).toEqual(texts);
	expect(bob.lines.at(-1)).toEqual(ann.lines.at(-1) as Buffer);
	expect(carol.lines.at(-1)).toEqual(ann.lines.at(-1) as Buffer);
});

test("a turn's end is asked for once, and not by an idle room", () => {
	const { harness, clients } = RoomHarness.of("ann");
	const [ann] = clients as [TestClient];
	const { asked } = harness;
	for (let i = 0; i < 10; i++) harness.say(ann, "hello");
	harness.join("bob");
	expect(harness.asked).toBe(asked + 1);
	harness.turn();
	expect(harness.asked).toBe(asked + 1);
	const lines = ann.lines.length;
	harness.room.flush();
	expect(ann.lines).toHaveLength(lines);
});

test("all that happens is numbered without a gap, and has its time", () => {
	const { harness, clients } = RoomHarness.of("ann");
	const [ann] = clients as [TestClient];
	harness.now = 2000;
	const bob = harness.join("bob");
	harness.turn();
	harness.now = 3000;
	harness.say(bob, "hello", "id-x");
	harness.depart(bob);
	harness.turn();
	harness.turn();
	expect(harness.events).toEqual([
		{ type: "joined", seq: 1, at: 1000, name: "ann" },
		{ type: "joined", seq: 2, at: 2000, name: "bob" },
		{ type: "said", seq: 3, at: 3000, from: "bob", id: "id-x", text: "hello" },
		{ type: "left", seq: 4, at: 3000, name: "bob" },
	]);
	expect(ann.events).toEqual(harness.events.slice(1));
	expect(bob.events).toEqual(harness.events.slice(2, 3));
});

test("a turn's batch has one number and one time, those of what happened first", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	harness.now = 2000;
	harness.say(ann, "hello", "id-1");
	harness.now = 2500;
	harness.say(bob, "hi", "id-2");
	harness.lose(bob);
	harness.now = 2700;
	harness.turn();
	expect(ann.batches.at(-1)).toEqual({
		...{ seq: 3, at: 2000 },
		events: [
			{ type: "said", from: "ann", id: "id-1", text: "hello" },
			{ type: "said", from: "bob", id: "id-2", text: "hi" },
			{ type: "left", name: "bob" },
		],
	});
	expect(harness.events.slice(-3)).toMatchObject([3, 4, 5].map((seq) => ({ seq, at: 2000 })));
	// The next turn has a time of its own.
	harness.say(ann, "alone", "id-3");
	harness.turn();
	expect(ann.batches.at(-1)).toMatchObject({ seq: 6, at: 2700 });
	expect(ann.events).toEqual(harness.events.slice(1));
});

test("a private line ends what a batch holds: what comes after it has its own time", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	for (const [now, speak] of [
		[2000, () => harness.say(ann, "1")],
		[2100, () => harness.say(ann, "2")],
		[2200, () => harness.tell(ann, "bob", "3")],
		[2300, () => harness.say(ann, "4")],
		[2400, () => harness.turn()],
	] as const) {
		harness.now = now;
		speak();
	}
	expect(bob.heard.map(({ at }) => at)).toEqual([2000, 2000, 2200, 2300]);
});

test("what a break brings about in the middle of a batch is numbered in the next one", () => {
	const { harness, clients } = RoomHarness.of("ann", "slow", "guest");
	const [ann, slow, guest] = clients as [TestClient, TestClient, TestClient];
	harness.lose(guest);
	for (let i = 0; i < 1000; i++) harness.say(ann, `text ${i}`);
	slow.isBreaking = true;
	harness.now = 2000;
	harness.turn();
	harness.turn();
	expect(ann.batches.slice(-3)).toMatchObject([{ at: 1000 }, { at: 1000 }, { at: 2000 }]);
	expect(ann.batches.at(-1)).toMatchObject({ seq: 1005, events: [{ type: "left", name: "slow" }] });
	expect(ann.events).toEqual(harness.events.slice(1));
});

test("a welcome says who is here, in the order they came, and where the order stands", () => {
	const { harness, clients } = RoomHarness.with({ grace: 60_000 }, "carol", "ann");
	harness.now = 5000;
	const bob = harness.join("bob");
	expect(bob.told).toEqual([]);
	harness.turn();
	const { epoch, key } = bob.keys[0] ?? {};
	const resume = expect.stringMatching(/^[0-9a-f]{32}$/);
	const members = ["carol", "ann", "bob"];
	expect(bob.told as unknown[]).toEqual([
		{ type: "welcome", name: "bob", epoch, key, seq: 3, members, resume, grace: 60_000 },
	]);
	expect(harness.who(bob)).toEqual([
		{ name: "carol", since: 1000 },
		{ name: "ann", since: 1000 },
		{ name: "bob", since: 5000 },
	]);
	expect(clients[0]?.members).toEqual(["carol", "ann", "bob"]);
});

test("an id is said once for each member, and each visit is another member", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	harness.say(ann, "one", "id-1");
	harness.say(ann, "one, sent again", "id-1");
	harness.say(bob, "bob's one", "id-1");
	harness.turn();
	harness.say(ann, "one, sent again later", "id-1");
	harness.say(ann, "two", "id-2");
	harness.turn();
	const again = harness.join("ann2", "ann");
	harness.turn();
	// A program may count its messages from 1 each time that it is started.
	harness.say(again, "one, of a new visit", "id-1");
	harness.say(again, "sent again in the new visit", "id-1");
	harness.turn();
	expect(bob.texts).toEqual(["one", "bob's one", "two", "one, of a new visit"]);
});

test("the newest connection of an account wins, and the room goes on", () => {
	const harness = new RoomHarness();
	const old = harness.join("ann");
	harness.turn();
	const fresh = harness.join("ann");
	expect(old.dismissed).toEqual(["replaced"]);
	harness.turn();
	expect(harness.ended).toBe(0);
	expect(harness.who(fresh)).toHaveLength(1);
	expect(fresh.members).toEqual(["ann"]);
	// What is left of the old one does no harm to the new one.
	harness.lose(old);
	harness.say(fresh, "still here");
	harness.turn();
	expect(fresh.texts).toEqual(["still here"]);
	expect(old.texts).toEqual([]);
	harness.lose(fresh);
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
	expect(harness.join("ann", "somebody").name).toBe("ann");
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

test("who leaves before being welcomed was there, and may have been the last", () => {
	const harness = new RoomHarness();
	const ann = harness.join("ann");
	harness.lose(ann);
	expect(harness.ended).toBe(1);
	harness.turn();
	expect(ann.told).toEqual([]);
	const bob = harness.join("bob");
	harness.turn();
	expect(bob.members).toEqual(["bob"]);
});

test("who says goodbye hears the rest of the turn, and nothing after it", () => {
	const { harness, clients } = RoomHarness.of("ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	harness.say(ann, "goodbye");
	harness.depart(ann);
	harness.say(bob, "see you");
	expect(ann.dismissed).toEqual([]);
	harness.turn();
	expect(ann.texts).toEqual(["goodbye", "see you"]);
	expect(ann.dismissed).toEqual(["left"]);
	const lines = ann.lines.length;
	harness.say(bob, "gone?");
	harness.turn();
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
	const { harness, clients } = RoomHarness.of(name, "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	const id = "an-id-that-has-thirty-six-character";
	for (const [i, text] of texts.entries()) harness.say(ann, text, `${i}-${id}`.slice(0, 36));
	const carol = harness.join("carol");
	harness.turn();
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
	const harness = new RoomHarness({ maxMembers: 2 });
	harness.join("ann");
	const bob = harness.join("bob");
	expect(harness.room.admissionError(new TestClient(harness, "carol"))).toMatchObject({
		code: "room_full",
	});
	expect(harness.room.admissionError(new TestClient(harness, "bob2", "bob"))).toBeNull();
	harness.lose(bob);
	expect(harness.room.admissionError(new TestClient(harness, "carol"))).toBeNull();
});

test("who is here is told once a turn, after what happened in it, to who asked and still hears", () => {
	const { harness, clients } = RoomHarness.with({ grace: 60_000 }, "ann", "bob", "carol");
	const [ann, bob, carol] = clients as [TestClient, TestClient, TestClient];
	for (let i = 0; i < 10; i++) if (ann.member) harness.room.requestRoster(ann.member);
	if (carol.member) harness.room.requestRoster(carol.member);
	harness.lose(carol);
	expect(ann.toldOf("roster")).toEqual([]);
	harness.join("dan");
	harness.turn();
	expect(ann.members).toEqual(["ann", "bob", "carol", "dan"]);
	const rosters = clients.map((client) => client.toldOf("roster").map(({ members }) => members));
	expect(rosters).toEqual([[ann.members.map((name) => ({ name, since: 1000 }))], [], []]);
	harness.turn();
	expect([ann.toldOf("roster").length, bob.toldOf("roster").length]).toEqual([1, 0]);
});
