import { describe, expect, test } from "bun:test";
import { memberOf, RoomHarness, type RoomHarnessOptions } from "./room-harness.ts";
import { TestClient } from "./test-client.ts";
import { GRACE, textsIn } from "./trio.ts";

// What was said before, for those who join a room that gives it to them.

const MIB = 1024 * 1024;

/** Ann and Bob, and what they say one after the other. */
function talk(
	options: RoomHarnessOptions,
	...texts: string[]
): { harness: RoomHarness; ann: TestClient; bob: TestClient } {
	const { harness, clients } = RoomHarness.with({ grace: GRACE, ...options }, "ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	for (const text of texts) {
		harness.say(ann, text);
		harness.turn();
	}
	return { harness, ann, bob };
}

function welcomed(harness: RoomHarness, name: string): TestClient {
	const client = harness.join(name);
	harness.turn();
	return client;
}

/** A newcomer that takes one piece at each `wake`, and counts the bytes of what it took. */
function joinBusy(harness: RoomHarness, name: string) {
	const client = new TestClient(harness, name);
	const waiting: (() => void)[] = [];
	const taken = { bytes: 0 };
	const { link } = client;
	const { sendJson } = link;
	link.whenReady = (action) => void waiting.push(action);
	link.sendJson = (json) => {
		taken.bytes += json.length;
		sendJson(json);
	};
	harness.room.applications.join(client, link);
	return { client, taken, wake: () => waiting.shift()?.() };
}

const shape = ({ heard }: TestClient): unknown[] =>
	heard.map((one) => ("text" in one ? one.text : [one.type, "name" in one && one.name]));

describe("a newcomer", () => {
	test("gets the last events before its own joining, and that, between the welcome and all else", () => {
		const { harness, ann } = talk({ newcomerEvents: 2 }, "one", "two", "three");
		const carol = welcomed(harness, "carol");
		expect(carol.told.map(({ type }) => type)).toEqual(["welcome", "replay"]);
		expect(carol.toldOf("welcome")).toMatchObject([{ seq: 3, history: { events: 2, until: 6 } }]);
		expect(shape(carol)).toEqual(["two", "three", ["joined", "carol"]]);
		expect(carol.heard).toEqual(harness.dueTo(carol, 3));
		expect(carol.members).toEqual(["ann", "bob", "carol"]);
		harness.say(ann, "four");
		harness.turn();
		expect(shape(carol).at(-1)).toBe("four");
		expect(carol.told.map(({ type }) => type)).toEqual(["welcome", "replay"]);
	});

	test("gets no private message, not even one of its own account's earlier visit", () => {
		const { harness, ann, bob } = talk({ newcomerEvents: 100 }, "one");
		harness.tell(ann, "bob", "for bob");
		harness.tell(bob, "ann", "from bob");
		harness.say(ann, "two");
		harness.turn();
		const carol = welcomed(harness, "carol");
		const again = harness.join("bob", "bob");
		harness.turn();
		expect([textsIn(carol), textsIn(again)]).toEqual([
			["one", "two"],
			["one", "two"],
		]);
		harness.tell(ann, "bob", "now");
		expect([textsIn(again).at(-1), again.privateCount]).toEqual(["now", 1]);
	});

	test("gets what is left, if the room keeps less than that", () => {
		const { harness } = talk({ newcomerEvents: 100, logEvents: 3 }, "one", "two", "three");
		const carol = welcomed(harness, "carol");
		expect(shape(carol)).toEqual(["two", "three", ["joined", "carol"]]);
		expect(carol.lost.events).toBe(0);
	});

	test("gets a part of what was said in one moment, if that is more", () => {
		const { harness, ann } = talk({ newcomerEvents: 3 }, "one");
		for (const text of ["two", "three", "four", "five"]) harness.say(ann, text);
		harness.tell(ann, "bob", "aside");
		const carol = welcomed(harness, "carol");
		expect(shape(carol)).toEqual(["three", "four", "five", ["joined", "carol"]]);
	});

	test("that is the first gets only its own joining", () => {
		const harness = new RoomHarness({ newcomerEvents: 10 });
		const ann = welcomed(harness, "ann");
		expect(ann.toldOf("welcome")).toMatchObject([{ seq: 0, history: { events: 10, until: 1 } }]);
		expect(shape(ann)).toEqual([["joined", "ann"]]);
	});

	test("of a room without this gets nothing, and is told nothing of it", () => {
		const { harness } = talk({}, "one");
		const carol = welcomed(harness, "carol");
		expect(carol.told.map(({ type }) => type)).toEqual(["welcome"]);
		expect(carol.toldOf("welcome")[0]).not.toHaveProperty("history");
		expect(carol.heard).toEqual([]);
	});

	test("among many of one moment gets the same as they", () => {
		const { harness, ann } = talk({ newcomerEvents: 1 }, "one", "two");
		const crowd = ["carol", "dan", "eve"].map((name) => harness.join(name));
		harness.say(ann, "hello");
		harness.turn();
		const moment = [...["carol", "dan", "eve"].map((name) => ["joined", name]), "hello"];
		for (const client of crowd) {
			expect(shape(client)).toEqual(["two", ...moment]);
			expect(client.historyUntil).toBe(client.seq);
		}
	});
});

describe("a newcomer that reads slowly", () => {
	const long = Array.from({ length: 12 }, (_, i) => `${i} ${"x".repeat(8000)}`);

	test("gets it piece by piece, with what happens meanwhile, before it hears the room", () => {
		const { harness, ann, bob } = talk({ newcomerEvents: 100 }, ...long);
		const { client: carol, wake } = joinBusy(harness, "carol");
		harness.turn();
		expect(textsIn(carol)).toEqual(long.slice(0, 5));
		harness.say(ann, "meanwhile");
		harness.tell(ann, "carol", "psst");
		harness.depart(bob);
		harness.turn();
		harness.room.ping(memberOf(carol), 0);
		expect(textsIn(carol)).toEqual(long.slice(0, 5));
		for (let i = 0; i < 5; i++) wake();
		harness.turn();
		expect(textsIn(carol)).toEqual([...long, "meanwhile", "psst"]);
		expect(carol.told.map(({ type }) => type)).toEqual([
			...["welcome", "replay", "replay", "replay", "rekey", "pong"],
		] as never);
		expect([carol.historyUntil, carol.seq]).toEqual([15, 17]);
		harness.say(ann, "after");
		harness.turn();
		expect(textsIn(carol).at(-1)).toBe("after");
	});

	test("and breaks off comes back for the rest of it, and for nothing older", () => {
		const { harness } = talk({ newcomerEvents: 10 }, ...long);
		const { client: carol } = joinBusy(harness, "carol");
		harness.turn();
		expect(textsIn(carol)).toEqual(long.slice(2, 7));
		harness.lose(carol);
		harness.resume(carol);
		harness.turn();
		expect(textsIn(carol)).toEqual(long.slice(2));
		expect(carol.lost.events).toBe(0);
		const asked = carol.events.length;
		carol.seq = carol.toldOf("welcome")[0]?.seq ?? 0;
		harness.resume(carol, { seq: 0 });
		expect(carol.events.length - asked).toBe(asked);
	});

	test("is cut off when the room drops what it would get next, and hears how much", () => {
		const { harness, ann } = talk({ newcomerEvents: 100, logEvents: 14 }, ...long);
		const { client: carol, wake } = joinBusy(harness, "carol");
		harness.turn();
		const { seq } = carol;
		for (let i = 0; i < 20; i++) {
			harness.say(ann, `later ${i}`);
			harness.turn();
		}
		wake();
		expect(carol.dismissed).toEqual(["too_slow"]);
		harness.resume(carol);
		expect(carol.lost.events).toBe(35 - 14 - seq);
		expect(carol.seq).toBe(35);
	});
});

test.each([
	["letters", "x"],
	["control characters, six bytes each in JSON", "\u0001"],
	["quotes, two bytes each", '"'],
])("a history counts as the first of the two that a member is replayed at once: %s", (_, one) => {
	const { harness, ann } = talk({ newcomerEvents: 10_000, logBytes: MIB });
	for (let i = 0; i < 200; i++) {
		harness.say(ann, one.repeat(8000));
		harness.turn();
	}
	const carol = welcomed(harness, "carol");
	const whole = carol.events.length;
	const again = (): number => {
		carol.seq = carol.toldOf("welcome")[0]?.seq ?? 0;
		const before = carol.events.length;
		harness.resume(carol, { seq: 0 });
		return carol.events.length - before;
	};
	expect(again()).toBe(whole);
	// The third waits: it is not had by coming back at once, nor whole after a moment.
	again();
	expect(again()).toBe(0);
	harness.pass(1000);
	expect(carol.events.length).toBeLessThan(2.5 * whole);
});

test("a crowd of newcomers gets it in turn, and neither holds up the room nor fills memory", () => {
	const COUNT = 50;
	const { harness, ann, bob } = talk({ newcomerEvents: 10_000 });
	for (let i = 0; i < 50; i++) {
		harness.say(ann, "x".repeat(8000));
		harness.turn();
	}
	const crowd = Array.from({ length: COUNT }, (_, i) => joinBusy(harness, `guest${i}`));
	const whole = 50 * 8000;
	const taken = (): number => crowd.reduce((sum, { taken: { bytes } }) => sum + bytes, 0);
	const wakeAll = (): void => {
		for (let i = 0; i < 20; i++) for (const { wake } of crowd) wake();
	};
	harness.turn();
	wakeAll();
	expect(taken()).toBeWithin(MIB, 3 * MIB);
	harness.say(bob, "undisturbed");
	harness.turn();
	expect(ann.texts.at(-1)).toBe("undisturbed");
	// Nor does anybody get more by breaking off and coming back.
	const [{ client: eager }] = crowd as [(typeof crowd)[0]];
	const { length: had } = eager.texts;
	for (let i = 0; i < 20; i++) {
		harness.lose(eager);
		harness.resume(eager);
		harness.turn();
	}
	expect(eager.texts).toHaveLength(had);
	// The last to come waits for one piece of each of the others', not for all of theirs.
	const late = joinBusy(harness, "late");
	crowd.push(late);
	harness.turn();
	for (let i = 0; i < 4; i++) {
		harness.pass(250);
		wakeAll();
	}
	expect(late.client.events.length).toBeGreaterThan(0);
	expect(taken()).toBeLessThan(12 * MIB);
	for (let i = 0; i < 4 * 5; i++) {
		harness.pass(250);
		wakeAll();
	}
	expect(taken()).toBeGreaterThan(COUNT * whole);
	for (const { client } of crowd) {
		expect(client.texts).toHaveLength(51);
		expect(client.dismissed).toEqual([]);
	}
});
