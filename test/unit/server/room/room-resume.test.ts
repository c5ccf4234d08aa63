import { describe, expect, test } from "bun:test";
import { textsIn, trio } from "./trio.ts";

// Coming back. Every client checks by itself that nothing arrives twice, out of order or
// unreadable, and throws otherwise: see test-client.ts.

describe("what was missed", () => {
	test("comes first, once and in order, private lines in their places", () => {
		const { harness, ann, bob, carol } = trio();
		harness.say(ann, "1");
		harness.turn();
		harness.lose(bob);
		harness.say(ann, "2");
		harness.tell(ann, "bob", "3, for you");
		harness.say(carol, "4");
		harness.turn();
		harness.tell(ann, "carol", "not for bob");
		const dan = harness.join("dan");
		harness.turn();
		harness.tell(dan, "bob", "5, for you");
		harness.depart(dan);
		harness.turn();
		expect(harness.resume(bob)).toBe(true);
		harness.say(ann, "6");
		harness.turn();
		expect(textsIn(bob)).toEqual(["1", "2", "3, for you", "4", "5, for you", "6"]);
		expect(bob.events).toEqual(harness.events.slice(-bob.events.length));
		expect(bob.members).toEqual(["ann", "bob", "carol"]);
		expect(bob.lost).toEqual({ events: 0, private: 0 });
		expect(bob.told.map(({ type }) => type)).toEqual(["welcome", "resumed", "replay"]);
	});

	test("has the numbers and the times that the others heard", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		for (let turn = 0; turn < 3; turn++) {
			for (let i = 0; i < 3; i++) {
				harness.now += 10;
				harness.say(ann, `${turn} ${i}`);
			}
			harness.tell(ann, "bob", "for you");
			harness.say(ann, "and for all");
			harness.turn();
		}
		harness.resume(bob);
		expect(bob.toldOf("replay")).toMatchObject([{ events: { length: 15 } }]);
		expect(bob.events.slice(-12)).toEqual(ann.events.slice(-12));
		const times = bob.events.slice(-12).map(({ at }) => at);
		expect(times).toEqual([1030, 1060, 1090].flatMap((at) => [at, at, at, at]));
	});

	test("is what the server said into a connection that was dead already", () => {
		const { harness, ann, bob } = trio();
		const heard = { seq: bob.seq, heard: 0 };
		// The server does not know of the break, so what it sends gets lost on the way.
		const link = bob.connect();
		harness.say(ann, "into the void");
		harness.tell(ann, "bob", "this too");
		harness.say(ann, "in the turn of coming back");
		expect(link).toBe(bob.link);
		expect(harness.resume(bob, heard)).toBe(true);
		harness.turn();
		expect(textsIn(bob)).toEqual(["into the void", "this too", "in the turn of coming back"]);
		expect(bob.dismissed).toEqual(["replaced"]);
	});

	test("one's own counts too: what was said and not echoed is said again under its id, once", () => {
		const { harness, ann, bob } = trio();
		harness.say(bob, "mine", "id-1");
		harness.tell(bob, "ann", "mine, to ann", { id: "id-2" });
		harness.say(bob, "mine, cut off", "id-3");
		harness.lose(bob);
		harness.turn();
		harness.resume(bob);
		harness.say(bob, "mine, cut off", "id-3");
		harness.tell(bob, "ann", "mine, to ann", { id: "id-2" });
		harness.turn();
		for (const client of [ann, bob]) {
			expect(textsIn(client)).toEqual(["mine", "mine, to ann", "mine, cut off"]);
		}
	});

	test("is nothing for who missed nothing", () => {
		const { harness, ann, bob } = trio();
		harness.say(ann, "hello");
		harness.turn();
		harness.lose(bob);
		harness.resume(bob);
		expect(bob.toldOf("replay")).toEqual([]);
		expect(bob.toldOf("resumed")).toMatchObject([
			{ seq: bob.seq, lost: { events: 0, private: 0 } },
		]);
	});

	test("is never what was said before the welcome, whatever the place that is claimed", () => {
		const { harness, ann } = trio();
		harness.say(ann, "before dan");
		harness.tell(ann, "bob", "between us");
		harness.turn();
		const dan = harness.join("dan");
		harness.say(ann, "in the turn of joining");
		harness.turn();
		harness.say(ann, "after");
		harness.turn();
		harness.lose(dan);
		const { told } = dan;
		const before = told.length;
		const welcomed = dan.toldOf("welcome")[0]?.seq ?? 0;
		dan.seq = welcomed;
		dan.heard.length = 0;
		expect(harness.resume(dan, { seq: 0, heard: 0 })).toBe(true);
		expect(JSON.stringify(told.slice(before))).not.toMatch(/before dan|between us|turn of joining/);
		expect(textsIn(dan)).toEqual(["after"]);
		expect(dan.lost).toEqual({ events: 0, private: 0 });
	});

	test("cannot be told to whoever got more than the room has", () => {
		const { harness, ann, bob } = trio();
		harness.say(ann, "hello");
		harness.tell(ann, "bob", "hello bob");
		harness.turn();
		harness.lose(bob);
		const { seq, privateCount: heard } = bob;
		// The others have the places since that he claims to know.
		for (const text of ["1", "2", "3"]) harness.say(ann, text);
		harness.turn();
		for (const ahead of [
			{ seq: seq + 1, heard },
			{ seq, heard: heard + 1 },
			{ seq: Number.MAX_SAFE_INTEGER, heard: Number.MAX_SAFE_INTEGER },
		]) {
			expect(harness.resume(bob, ahead)).toBe(false);
			expect(bob.denied).toBe("room_went_back");
		}
		expect(harness.resume(bob)).toBe(true);
		expect(textsIn(bob).slice(-3)).toEqual(["1", "2", "3"]);
	});

	test("comes in lines that are not too long, however much it is", () => {
		const { harness, ann, bob } = trio();
		harness.lose(bob);
		const texts = Array.from({ length: 100 }, (_, i) => `${i} ${"\u0001".repeat(8000)}`);
		for (const text of texts) harness.say(ann, text);
		harness.turn();
		harness.resume(bob);
		expect(textsIn(bob)).toEqual(texts);
		for (const message of bob.toldOf("replay")) {
			// A token spells three bytes as four; a line may have 1 MiB.
			expect(JSON.stringify(message).length).toBeLessThan(750 * 1024);
		}
	});
});

describe("what the log no longer reaches back to is told as a number", () => {
	test("of events and of private lines, each its own", () => {
		const { harness, ann, bob } = trio({ logEvents: 6 });
		harness.lose(bob);
		for (let i = 0; i < 5; i++) {
			harness.say(ann, `said ${i}`);
			harness.tell(ann, "bob", `told ${i}`);
			harness.tell(ann, "carol", `for carol ${i}`);
		}
		harness.turn();
		expect(harness.resume(bob)).toBe(true);
		expect(textsIn(bob)).toEqual(["said 3", "told 3", "said 4", "told 4"]);
		expect(bob.lost).toEqual({ events: 3, private: 3 });
		harness.say(ann, "and on");
		harness.tell(ann, "bob", "to you too");
		harness.turn();
		harness.lose(bob);
		harness.resume(bob);
		expect(textsIn(bob).slice(-2)).toEqual(["and on", "to you too"]);
		expect(bob.lost).toEqual({ events: 3, private: 3 });
	});

	test("when nothing of it is left, neither of the one nor of the other", () => {
		const { harness, ann, bob } = trio({ logEvents: 4 });
		harness.lose(bob);
		harness.say(ann, "said");
		harness.tell(ann, "bob", "told");
		for (let i = 0; i < 4; i++) harness.tell(ann, "carol", `for carol ${i}`);
		harness.turn();
		harness.resume(bob);
		expect(textsIn(bob)).toEqual([]);
		expect(bob.lost).toEqual({ events: 1, private: 1 });
	});

	test("and what was before the welcome is no loss", () => {
		const { harness, ann } = trio({ logEvents: 2 });
		for (let i = 0; i < 10; i++) harness.say(ann, `early ${i}`);
		const dan = harness.join("dan");
		harness.turn();
		harness.lose(dan);
		dan.seq = dan.toldOf("welcome")[0]?.seq ?? 0;
		harness.resume(dan, { seq: 0, heard: 0 });
		expect(dan.lost).toEqual({ events: 0, private: 0 });
	});
});
