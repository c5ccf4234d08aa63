import { describe, expect, test } from "bun:test";
import { memberOf, RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";
import { textsIn, trio } from "./trio.ts";

// A private message reaches a member in one visit, and nobody who takes its name later.

const HAS_LEFT =
	'The "bob" whom you meant has left. If you mean whoever has the name now, write it again.';
const NOBODY = 'Nobody here is called "bob".';

const refusalsTo = (client: TestClient): unknown[] => client.toldOf("refused");
const refused = (id: string, text: string): unknown => ({
	type: "refused",
	code: "no_such_member",
	text,
	id,
});

describe("a member is found", () => {
	test("by its name in any case and its visit, and by no other", () => {
		const { harness, ann, bob } = trio();
		const { members } = harness.room;
		const { visit } = memberOf(bob);
		for (const name of ["bob", "BOB", "Bob"]) {
			expect(members.findVisit(name, visit)).toBe(memberOf(bob));
		}
		// b0b looks like bob, and is another name.
		for (const [name, other] of [
			["b0b", visit],
			["ann", visit],
			["dan", visit],
			["bob", memberOf(ann).visit],
			["bob", `${visit}-`],
			["bob", ""],
		] as const) {
			expect(members.findVisit(name, other)).toBeNull();
		}
	});

	test("in the same visit for as long as it stays, whatever becomes of its connection", () => {
		const { harness, bob } = trio();
		const { visit } = memberOf(bob);
		harness.lose(bob);
		expect(harness.room.members.findVisit("bob", visit)).toBe(memberOf(bob));
		harness.resume(bob);
		expect(harness.room.members.findVisit("bob", visit)).toBe(memberOf(bob));
		const again = harness.join("bob");
		harness.turn();
		expect(memberOf(again).visit).not.toBe(visit);
		expect(harness.room.members.findVisit("bob", visit)).toBeNull();
	});
});

describe("a message to a member that has left", () => {
	test("is refused, and does not reach who has the name now", () => {
		const { harness, ann, bob } = trio();
		const visit = memberOf(bob).visit;
		harness.depart(bob);
		harness.turn();
		const other = harness.join("BOB", "other");
		harness.turn();
		harness.tell(ann, "bob", "a secret", { id: "1", visit });
		expect(refusalsTo(ann)).toEqual([refused("1", HAS_LEFT)]);
		harness.tell(ann, "bob", "for the new one", { id: "1" });
		expect([textsIn(bob), textsIn(other)]).toEqual([[], ["for the new one"]]);
		expect(textsIn(ann)).toEqual(["for the new one"]);
	});

	test("is refused even if the same account has come back under the same name", () => {
		const { harness, ann, bob } = trio();
		const visit = memberOf(bob).visit;
		const again = harness.join("bob");
		harness.turn();
		harness.tell(ann, "bob", "for the earlier one", { id: "1", visit });
		expect(refusalsTo(ann)).toEqual([refused("1", HAS_LEFT)]);
		expect(textsIn(again)).toEqual([]);
	});

	test("is refused with another sentence if nobody has the name", () => {
		const { harness, ann, bob } = trio();
		harness.depart(bob);
		harness.turn();
		harness.join("b0b", "other");
		harness.turn();
		harness.tell(ann, "bob", "hello?", { id: "1" });
		expect(refusalsTo(ann)).toEqual([refused("1", NOBODY)]);
	});

	test("costs no id: the author may use it again", () => {
		const { harness, ann, bob } = trio();
		harness.depart(bob);
		harness.turn();
		harness.tell(ann, "bob", "hello?", { id: "1" });
		harness.tell(ann, "carol", "hello", { id: "1" });
		expect(textsIn(ann)).toEqual(["hello"]);
	});
});

test.each([
	["said", (harness: RoomHarness, ann: TestClient, id: string) => harness.say(ann, "again", id)],
	[
		"told",
		(harness: RoomHarness, ann: TestClient, id: string) =>
			harness.tell(ann, "bob", "again", { id }),
	],
])("what was %s is not repeated, however much the history has lost since", (_, repeat) => {
	const { harness, clients } = RoomHarness.with({ logEvents: 1 }, "ann", "bob");
	const [ann, bob] = clients as [TestClient, TestClient];
	const ids = Array.from({ length: 1024 }, (_, i) => `${i}`);
	for (const id of ids) {
		if (Number(id) % 2 === 0) harness.say(ann, id, id);
		else harness.tell(ann, "bob", id, { id });
	}
	harness.turn();
	expect(textsIn(bob)).toEqual(ids);
	for (const id of ids) repeat(harness, ann, id);
	harness.turn();
	expect(textsIn(bob)).toEqual(ids);
	expect(ann.toldOf("refused").map(({ code, id }) => `${code} ${id}`)).toEqual(
		ids.map((id) => `already_said ${id}`),
	);
});
