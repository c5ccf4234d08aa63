import { describe, expect, test } from "bun:test";
import { randomId } from "../../../../lib/util/random-id.ts";
import type { Ear, Scene } from "./test-room.ts";
import { GRACE, textsIn, trio } from "./trio.ts";

// Coming back. Every ear checks by itself that nothing comes twice, out of order or unreadable, and
// throws where something does: see scene.ts.

describe("what was missed", () => {
	test("comes first, once and in order, private lines in their places", () => {
		const { scene, ann, bob, carol } = trio();
		scene.say(ann, "1");
		scene.turn();
		scene.lose(bob);
		scene.say(ann, "2");
		scene.tell(ann, "bob", "3, for you");
		scene.say(carol, "4");
		scene.turn();
		scene.tell(ann, "carol", "not for bob");
		const dan = scene.join("dan");
		scene.turn();
		scene.tell(dan, "bob", "5, for you");
		scene.depart(dan);
		scene.turn();
		expect(scene.resume(bob)).toBe(true);
		scene.say(ann, "6");
		scene.turn();
		expect(textsIn(bob)).toEqual(["1", "2", "3, for you", "4", "5, for you", "6"]);
		expect(bob.events).toEqual(scene.events.slice(-bob.events.length));
		expect(bob.members).toEqual(["ann", "bob", "carol"]);
		expect(bob.lost).toEqual({ events: 0, told: 0 });
		expect(bob.told.map(({ type }) => type)).toEqual(["welcome", "resumed", "missed"]);
	});

	test("has the numbers and the times that the others heard", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		for (let turn = 0; turn < 3; turn++) {
			for (let i = 0; i < 3; i++) {
				scene.now += 10;
				scene.say(ann, `${turn} ${i}`);
			}
			scene.tell(ann, "bob", "for you");
			scene.say(ann, "and for all");
			scene.turn();
		}
		scene.resume(bob);
		expect(bob.toldOf("missed")).toMatchObject([{ events: { length: 15 } }]);
		expect(bob.events.slice(-12)).toEqual(ann.events.slice(-12));
		const times = bob.events.slice(-12).map(({ at }) => at);
		expect(times).toEqual([1010, 1040, 1070].flatMap((at) => [at, at, at, at + 20]));
	});

	test("is what the server said into a connection that was dead already", () => {
		const { scene, ann, bob } = trio();
		const heard = { seq: bob.seq, told: 0 };
		// The server does not know of the break: what it sends gets lost on the way.
		const link = bob.connect();
		scene.say(ann, "into the void");
		scene.tell(ann, "bob", "this too");
		scene.say(ann, "in the turn of coming back");
		expect(link).toBe(bob.link);
		expect(scene.resume(bob, heard)).toBe(true);
		scene.turn();
		expect(textsIn(bob)).toEqual(["into the void", "this too", "in the turn of coming back"]);
		expect(bob.dismissed).toEqual(["replaced"]);
	});

	test("one's own counts too: what was said and not echoed is said again under its id, once", () => {
		const { scene, ann, bob } = trio();
		scene.say(bob, "mine", "id-1");
		scene.tell(bob, "ann", "mine, to ann", "id-2");
		scene.say(bob, "mine, cut off", "id-3");
		scene.lose(bob);
		scene.turn();
		scene.resume(bob);
		scene.say(bob, "mine, cut off", "id-3");
		scene.tell(bob, "ann", "mine, to ann", "id-2");
		scene.turn();
		for (const ear of [ann, bob]) {
			expect(textsIn(ear)).toEqual(["mine", "mine, to ann", "mine, cut off"]);
		}
	});

	test("is nothing for who missed nothing", () => {
		const { scene, ann, bob } = trio();
		scene.say(ann, "hello");
		scene.turn();
		scene.lose(bob);
		scene.resume(bob);
		expect(bob.toldOf("missed")).toEqual([]);
		expect(bob.toldOf("resumed")).toMatchObject([{ seq: bob.seq, lost: { events: 0, told: 0 } }]);
	});

	test("is never what was said before the welcome, whatever the place that is claimed", () => {
		const { scene, ann } = trio();
		scene.say(ann, "before dan");
		scene.tell(ann, "bob", "between us");
		scene.turn();
		const dan = scene.join("dan");
		scene.say(ann, "in the turn of joining");
		scene.turn();
		scene.say(ann, "after");
		scene.turn();
		scene.lose(dan);
		const { told } = dan;
		const before = told.length;
		const welcomed = dan.toldOf("welcome")[0]?.seq ?? 0;
		dan.seq = welcomed;
		dan.heard.length = 0;
		expect(scene.resume(dan, { seq: 0, told: 0 })).toBe(true);
		expect(JSON.stringify(told.slice(before))).not.toMatch(/before dan|between us|turn of joining/);
		expect(textsIn(dan)).toEqual(["after"]);
		expect(dan.lost).toEqual({ events: 0, told: 0 });
	});

	test("is nothing at all from a place that is not there yet", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		scene.say(ann, "hello");
		scene.turn();
		const far = Number.MAX_SAFE_INTEGER;
		expect(scene.resume(bob, { seq: far, told: far })).toBe(true);
		expect(bob.toldOf("missed")).toEqual([]);
		expect(bob.lost).toEqual({ events: 0, told: 0 });
	});

	test("comes in lines that are not too long, however much it is", () => {
		const { scene, ann, bob } = trio();
		scene.lose(bob);
		const texts = Array.from({ length: 100 }, (_, i) => `${i} ${"\u0001".repeat(8000)}`);
		for (const text of texts) scene.say(ann, text);
		scene.turn();
		scene.resume(bob);
		expect(textsIn(bob)).toEqual(texts);
		for (const message of bob.toldOf("missed")) {
			// In a token, three bytes are four; a line may have 1 MiB.
			expect(JSON.stringify(message).length).toBeLessThan(750 * 1024);
		}
	});
});

describe("what the log no longer reaches back to is told as a number", () => {
	test("of events and of private lines, each its own", () => {
		const { scene, ann, bob } = trio({ logEvents: 6 });
		scene.lose(bob);
		for (let i = 0; i < 5; i++) {
			scene.say(ann, `said ${i}`);
			scene.tell(ann, "bob", `told ${i}`);
			scene.tell(ann, "carol", `for carol ${i}`);
		}
		scene.turn();
		expect(scene.resume(bob)).toBe(true);
		expect(textsIn(bob)).toEqual(["said 3", "told 3", "said 4", "told 4"]);
		expect(bob.lost).toEqual({ events: 3, told: 3 });
		scene.say(ann, "and on");
		scene.tell(ann, "bob", "to you too");
		scene.turn();
		scene.lose(bob);
		scene.resume(bob);
		expect(textsIn(bob).slice(-2)).toEqual(["and on", "to you too"]);
		expect(bob.lost).toEqual({ events: 3, told: 3 });
	});

	test("when nothing of it is left, neither of the one nor of the other", () => {
		const { scene, ann, bob } = trio({ logEvents: 4 });
		scene.lose(bob);
		scene.say(ann, "said");
		scene.tell(ann, "bob", "told");
		for (let i = 0; i < 4; i++) scene.tell(ann, "carol", `for carol ${i}`);
		scene.turn();
		scene.resume(bob);
		expect(textsIn(bob)).toEqual([]);
		expect(bob.lost).toEqual({ events: 1, told: 1 });
	});

	test("and what was before the welcome is no loss", () => {
		const { scene, ann } = trio({ logEvents: 2 });
		for (let i = 0; i < 10; i++) scene.say(ann, `early ${i}`);
		const dan = scene.join("dan");
		scene.turn();
		scene.lose(dan);
		dan.seq = dan.toldOf("welcome")[0]?.seq ?? 0;
		scene.resume(dan, { seq: 0, told: 0 });
		expect(dan.lost).toEqual({ events: 0, told: 0 });
	});
});

function goneForTooLong(scene: Scene, ear: Ear): void {
	scene.lose(ear);
	scene.pass(GRACE);
}

describe("a token", () => {
	test("is good until what came with the next one is used, and then spent", () => {
		const { scene, ann, bob } = trio();
		const first = bob.token;
		scene.lose(bob);
		// The answer gets lost, twice.
		for (let i = 0; i < 2; i++) {
			scene.say(ann, `while away ${i}`);
			scene.turn();
			expect(scene.resume(bob, { token: first })).toBe(true);
			scene.lose(bob);
		}
		const last = bob.token;
		expect(last).not.toBe(first);
		expect(scene.resume(bob, { token: first })).toBe(true);
		const { member, token } = bob;
		if (member) scene.room.members.confirmResumeToken(member);
		expect(scene.resume(bob, { token: first })).toBe(false);
		// Nor is the one good that came with an answer which was never used.
		expect(scene.resume(bob, { token: last })).toBe(false);
		expect(scene.resume(bob, { token })).toBe(true);
	});

	test("stays good when the same member says more, and there is none older to spend", () => {
		const { scene, bob } = trio();
		const { member } = bob;
		for (let i = 0; i < 3; i++) if (member) scene.room.members.confirmResumeToken(member);
		scene.lose(bob);
		expect(scene.resume(bob)).toBe(true);
	});

	test("that nobody was given is nobody's", () => {
		const { scene, bob } = trio();
		scene.lose(bob);
		for (const token of [randomId(), "", "0".repeat(32), bob.token.toUpperCase()]) {
			expect(scene.room.members.findByResumeToken(token)).toBeNull();
		}
		expect(scene.room.members.findByResumeToken(bob.token)).toBe(bob.member ?? null);
	});

	test.each([
		["has left", (scene: Scene, ear: Ear) => scene.depart(ear)],
		["was gone for too long", goneForTooLong],
		["has joined anew", (scene: Scene, ear: Ear) => void scene.join("bob2", ear.name)],
	])("of somebody who %s is nobody's", (_, end) => {
		const { scene, bob } = trio();
		const old = bob.token;
		end(scene, bob);
		scene.turn();
		expect(scene.room.members.findByResumeToken(old)).toBeNull();
	});

	test("is another each time, and for each", () => {
		const { scene, ann, bob, carol } = trio();
		const tokens = [ann, bob, carol].map(({ token }) => token);
		for (let i = 0; i < 10; i++) {
			scene.resume(bob);
			tokens.push(bob.token);
		}
		expect(new Set(tokens).size).toBe(13);
		for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{32}$/);
	});
});
