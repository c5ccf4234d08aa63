import { expect, test } from "bun:test";
import { MAX_TEXT_BYTES } from "../../../../lib/wire/messages/fields.ts";
import { MAX_SERVER_LINE } from "../../../../lib/wire/transport/server-line.ts";
import { memberOf, RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";

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
	expect(bob.lines.at(-1)).toEqual(ann.lines.at(-1) as string);
	expect(carol.lines.at(-1)).toEqual(ann.lines.at(-1) as string);
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
		{ type: "joined", seq: 1, at: 1000, name: "ann", visit: memberOf(ann).visit },
		{ type: "joined", seq: 2, at: 2000, name: "bob", visit: memberOf(bob).visit },
		{ type: "said", seq: 3, at: 3000, from: "bob", id: "id-x", text: "hello" },
		{ type: "left", seq: 4, at: 3000, name: "bob" },
	]);
	expect(ann.events).toEqual(harness.events.slice(1));
	expect(bob.events).toEqual(harness.events.slice(2, 3));
});

test("a turn's batch has one number and one time, at which it got its place", () => {
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
		...{ seq: 3, at: 2700 },
		events: [
			{ type: "said", from: "ann", id: "id-1", text: "hello" },
			{ type: "said", from: "bob", id: "id-2", text: "hi" },
			{ type: "left", name: "bob" },
		],
	});
	expect(harness.events.slice(-3)).toMatchObject([3, 4, 5].map((seq) => ({ seq, at: 2700 })));
	// The next turn has its own time.
	harness.now = 2800;
	harness.say(ann, "alone", "id-3");
	harness.turn();
	expect(ann.batches.at(-1)).toMatchObject({ seq: 6, at: 2800 });
	expect(ann.events).toEqual(harness.events.slice(1));
});

test("a private line comes after what was said before it, and before what is said after it", () => {
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
	expect(bob.heard.map(({ at }) => at)).toEqual([2200, 2200, 2200, 2400]);
	expect(bob.heard).toMatchObject(["1", "2", "3", "4"].map((text) => ({ text })));
});

test("what a break brings about in the middle of a batch is numbered in the next one", () => {
	const { harness, clients } = RoomHarness.of("ann", "slow", "guest");
	const [ann, slow, guest] = clients as [TestClient, TestClient, TestClient];
	harness.lose(guest);
	for (let i = 0; i < 1000; i++) harness.say(ann, `text ${i}`);
	slow.isBreaking = true;
	harness.turn();
	harness.now = 2000;
	harness.turn();
	expect(ann.batches.slice(-3)).toMatchObject([{ at: 1000 }, { at: 1000 }, { at: 2000 }]);
	expect(ann.batches.at(-1)).toMatchObject({ seq: 1005, events: [{ type: "left", name: "slow" }] });
	expect(ann.events).toEqual(harness.events.slice(1));
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
	// A program may count its messages from 1 each time it starts.
	harness.say(again, "one, of a new visit", "id-1");
	harness.say(again, "sent again in the new visit", "id-1");
	harness.turn();
	expect(bob.texts).toEqual(["one", "bob's one", "two", "one, of a new visit"]);
});

test("a member that says goodbye receives the rest of the turn and nothing after it", () => {
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

// JSON spells control characters longest.
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
	// Each batch goes on counting where the one before it ended.
	let { seq, at } = bob.batches[0] ?? {};
	for (const batch of bob.batches) {
		expect(batch).toMatchObject({ seq, at });
		seq = (seq ?? 0) + batch.events.length;
	}
	expect(bob.batches.length).toBeGreaterThan(1);
	// The newcomer's key comes with the last batch.
	expect(bob.keys.at(-1)).toEqual(carol.keys[0] as { epoch: number; key: string });
});

test("a list of members comes once a turn, after its events, to each member that asked and is still connected", () => {
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
	const members = ann.members.map((name) => ({
		name,
		visit: ann.visits.get(name) ?? "",
		since: 1000,
	}));
	expect(rosters).toEqual([[members], [], []]);
	harness.turn();
	expect([ann.toldOf("roster").length, bob.toldOf("roster").length]).toEqual([1, 0]);
});

test.each([-7_200_000, 60_000, 3_600_000])(
	"a wall clock set by %i ms changes no member's time here",
	(step) => {
		const { harness, clients } = RoomHarness.with({ grace: 60_000 }, "ann", "bob");
		const [ann, bob] = clients as [TestClient, TestClient];
		harness.wallAhead = 1_795_627_801_000;
		harness.pass(5000);
		harness.lose(bob);
		harness.wallAhead += step;
		harness.pass(5000);
		expect(harness.here).toEqual(["ann", "bob"]);
		harness.who(ann);
		const [roster] = ann.toldOf("roster");
		expect(roster?.members.map(({ since }) => Number(roster.at) - since)).toEqual([10_000, 10_000]);
	},
);
