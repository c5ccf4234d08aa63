import { describe, expect, test } from "bun:test";
import type { RoomHarness } from "./room-harness.ts";
import type { TestClient } from "./test-client.ts";
import { GRACE, trio } from "./trio.ts";

// What an author is told when a member leaves without having confirmed its private messages.

/** Each report of it that a client was told. */
const reportsTo = (client: TestClient): unknown[] => client.toldOf("unconfirmed");

const report = ({ name, member }: TestClient, count: number): unknown => ({
	type: "unconfirmed",
	name,
	visit: member?.visit,
	count,
});

/** The client's connection breaks, and it does not come back. */
function vanish(harness: RoomHarness, client: TestClient): void {
	harness.lose(client);
	harness.pass(GRACE);
}

describe("of a member that left, an author is told how many of its messages were not confirmed", () => {
	test.each<[string, (harness: RoomHarness, client: TestClient) => void]>([
		["that did not come back", vanish],
		["that said goodbye", (harness, client) => harness.depart(client)],
		["that logged in anew", (harness, client) => void harness.join("bobby", client.name)],
		["that was removed", (harness, client) => harness.kick(client, client)],
	])("%s", (_, end) => {
		const { harness, ann, bob, carol } = trio();
		for (const text of ["1", "2"]) harness.tell(ann, "bob", text);
		harness.tell(carol, "bob", "3");
		harness.tell(ann, "carol", "not for bob");
		end(harness, bob);
		harness.turn();
		harness.turn();
		expect([reportsTo(ann), reportsTo(carol)]).toEqual([[report(bob, 2)], [report(bob, 1)]]);
		expect(reportsTo(bob)).toEqual([]);
	});

	test("and whoever has the member's name next is not asked", () => {
		const { harness, ann, bob } = trio();
		harness.tell(ann, "bob", "1");
		vanish(harness, bob);
		const again = harness.join("bob", "other");
		harness.turn();
		harness.confirmPrivate(again, 1);
		vanish(harness, again);
		expect(reportsTo(ann)).toEqual([report(bob, 1)]);
	});
});

describe("a ping confirms as many as it says", () => {
	test("so that later ones alone count, each for its author", () => {
		const { harness, ann, bob, carol } = trio();
		for (const text of ["1", "2"]) harness.tell(ann, "bob", text);
		harness.tell(carol, "bob", "3");
		harness.confirmPrivate(bob);
		harness.tell(ann, "bob", "4");
		vanish(harness, bob);
		expect([reportsTo(ann), reportsTo(carol)]).toEqual([[report(bob, 1)], []]);
	});

	test("and the first of them were told first", () => {
		const { harness, ann, bob, carol } = trio();
		harness.tell(ann, "bob", "1");
		harness.tell(carol, "bob", "2");
		harness.tell(ann, "bob", "3");
		harness.confirmPrivate(bob, 1);
		vanish(harness, bob);
		expect([reportsTo(ann), reportsTo(carol)]).toEqual([[report(bob, 1)], [report(bob, 1)]]);
	});

	test("the echo of what the member told others among them", () => {
		const { harness, ann, bob } = trio();
		harness.tell(bob, "ann", "mine");
		harness.tell(ann, "bob", "1");
		harness.tell(ann, "bob", "2");
		harness.confirmPrivate(bob, 2);
		harness.confirmPrivate(ann, 1);
		vanish(harness, bob);
		expect(reportsTo(ann)).toEqual([report(bob, 1)]);
	});

	test("but none before it was told", () => {
		const { harness, ann, bob } = trio();
		harness.tell(ann, "bob", "1");
		harness.confirmPrivate(bob, Number.MAX_SAFE_INTEGER);
		harness.tell(ann, "bob", "2");
		vanish(harness, bob);
		expect(reportsTo(ann)).toEqual([report(bob, 1)]);
	});

	test("and takes nothing back that was confirmed", () => {
		const { harness, ann, bob } = trio();
		for (const text of ["1", "2", "3"]) harness.tell(ann, "bob", text);
		for (const count of [2, 0, 1]) harness.confirmPrivate(bob, count);
		vanish(harness, bob);
		expect(reportsTo(ann)).toEqual([report(bob, 1)]);
	});

	test("for every connection of the member", () => {
		const { harness, ann, bob } = trio();
		harness.tell(ann, "bob", "1");
		harness.confirmPrivate(bob);
		harness.lose(bob);
		harness.tell(ann, "bob", "2");
		harness.resume(bob);
		harness.confirmPrivate(bob);
		vanish(harness, bob);
		expect(reportsTo(ann)).toEqual([]);
	});
});

describe("an author", () => {
	test("whose connection is broken is told when it is back, after what it has missed", () => {
		const { harness, ann, bob, carol } = trio();
		harness.tell(ann, "bob", "1");
		harness.tell(ann, "carol", "2");
		harness.lose(ann);
		for (const client of [bob, carol]) harness.depart(client);
		harness.turn();
		expect(reportsTo(ann)).toEqual([]);
		harness.resume(ann);
		expect(ann.told.slice(-4).map(({ type }) => type)).toEqual([
			"resumed",
			"replay",
			"unconfirmed",
			"unconfirmed",
		]);
		expect(reportsTo(ann)).toEqual([report(bob, 1), report(carol, 1)]);
		// It may have been lost once more, until she says something.
		harness.resume(ann);
		expect(reportsTo(ann)).toHaveLength(4);
		harness.confirmToken(ann);
		harness.resume(ann);
		expect(reportsTo(ann)).toHaveLength(4);
	});

	test("whose connection was dead, though nobody had noticed, is told again when it is back", () => {
		const { harness, ann, bob } = trio();
		harness.tell(ann, "bob", "1");
		vanish(harness, bob);
		expect(reportsTo(ann)).toEqual([report(bob, 1)]);
		harness.lose(ann);
		harness.resume(ann);
		expect(reportsTo(ann)).toEqual([report(bob, 1), report(bob, 1)]);
	});

	test("that has left is told nothing, and neither is the same account in a new visit", () => {
		const { harness, ann, bob } = trio();
		harness.tell(ann, "bob", "1");
		const again = harness.join("ann");
		harness.turn();
		vanish(harness, bob);
		expect([reportsTo(ann), reportsTo(again)]).toEqual([[], []]);
	});

	test("is told nothing of messages to itself", () => {
		const { harness, ann, bob } = trio();
		harness.tell(bob, "bob", "a note");
		harness.tell(ann, "bob", "1");
		vanish(harness, bob);
		expect([reportsTo(ann), reportsTo(bob)]).toEqual([[report(bob, 1)], []]);
	});

	test("is told nothing of messages that nobody got", () => {
		const { harness, ann, bob } = trio();
		harness.tell(ann, "bob", "1", { visit: "another" });
		vanish(harness, bob);
		expect(reportsTo(ann)).toEqual([]);
	});

	test("is told only of those that the history still has", () => {
		for (const [logEvents, count] of [
			[3, 3],
			[10, 4],
		] as const) {
			const { harness, ann, bob, carol } = trio({ logEvents });
			for (const text of ["1", "2", "3", "4"]) harness.tell(ann, "bob", text);
			vanish(harness, bob);
			expect(reportsTo(ann)).toEqual([report(bob, count)]);
			harness.tell(ann, "carol", "forgotten");
			for (let i = 0; i < logEvents; i++) harness.tell(ann, "ann", `${i}`);
			vanish(harness, carol);
			expect(reportsTo(ann)).toHaveLength(1);
		}
	});
});
