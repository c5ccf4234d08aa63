import { describe, expect, test } from "bun:test";
import { History } from "../../../../lib/server/room-state/history.ts";
import type { Member } from "../../../../lib/server/room-state/member.ts";
import type { SequencedEvent } from "../../../../lib/wire/messages/events.ts";
import { MAX_TEXT_BYTES } from "../../../../lib/wire/messages/fields.ts";
import {
	ann,
	bob,
	happen,
	join,
	MANY,
	missedSince,
	said,
	say,
	seq,
	tell,
	visit,
} from "./history-samples.ts";

// What the history gives to a member that comes back.

/** What a member has missed, by the ids or the names in it, and how much of it is lost. */
function missed(log: History, member: Member, from: number, heard: number): unknown[] {
	const { missed, lost } = missedSince(log, member, from, heard);
	return [
		missed.map((one) => ("id" in one ? one.id : "name" in one ? one.name : one.type)),
		lost.events,
		lost.private,
	];
}

describe("what a member has missed", () => {
	test("is all that came after what it had, in order, and no line between others", () => {
		const log = new History(100, MANY);
		const [zoe, yve, xia] = [visit("zoe"), visit("yve"), visit("xia")];
		const start = seq;
		say(log, zoe, "1");
		tell(log, "2", zoe, yve);
		join(log, xia);
		tell(log, "3", yve, xia);
		tell(log, "4", zoe);
		say(log, yve, "5");
		expect(missed(log, zoe, start, 0)).toEqual([["1", "2", "xia", "4", "5"], 0, 0]);
		expect(missed(log, zoe, start + 1, 1)).toEqual([["xia", "4", "5"], 0, 0]);
		expect(missed(log, yve, start + 2, 0)).toEqual([["2", "3", "5"], 0, 0]);
		expect(missed(log, xia, start + 2, 1)).toEqual([["5"], 0, 0]);
		expect(missed(log, zoe, seq, 2)).toEqual([[], 0, 0]);
		// Private lines belong to one visit, so another visit gets none.
		expect(missed(log, visit("zoe"), start + 2, 0)).toEqual([["5"], 0, 0]);
	});

	test("is the rest of what one turn brought, in its place and of its time", () => {
		const log = new History(100, MANY);
		const start = seq;
		happen(log, said(ann, "1"), said(bob, "2"), said(ann, "3"));
		happen(log, said(bob, "4"));
		const at = start + 1;
		expect(missedSince(log, visit("yve"), start + 2, 0)).toEqual({
			missed: [
				{ ...said(ann, "3"), seq: start + 3, at } as SequencedEvent,
				{ ...said(bob, "4"), seq: start + 4, at: start + 4 } as SequencedEvent,
			],
			lost: { events: 0, private: 0 },
		});
		expect(missed(log, visit("yve"), start + 3, 0)).toEqual([["4"], 0, 0]);
	});

	test("is counted where it is dropped: events and private lines, each by themselves", () => {
		const log = new History(4, MANY);
		const [zoe, yve] = [visit("zoe"), visit("yve")];
		const start = seq;
		for (const round of ["a", "b", "c"]) {
			say(log, zoe, `${round}1`);
			tell(log, `${round}2`, zoe, yve);
		}
		expect(missed(log, yve, start, 0)).toEqual([["b1", "b2", "c1", "c2"], 1, 1]);
		for (const id of ["d", "e", "f", "g"]) tell(log, id, zoe);
		// None of yve's private lines is left, but the history still knows how many are lost.
		expect(missed(log, yve, start, 0)).toEqual([[], 3, 3]);
		expect(missed(log, yve, start + 2, 1)).toEqual([[], 1, 2]);
		expect(missed(log, zoe, seq, 3)).toEqual([["d", "e", "f", "g"], 0, 0]);
	});

	test("is counted where the log was too small for it from the first", () => {
		const log = new History(10, 1000);
		const start = seq;
		happen(log, said(ann, "1"), said(bob, "2", "x".repeat(MAX_TEXT_BYTES)), said(ann, "3"));
		expect(missed(log, visit("yve"), start, 0)).toEqual([[], 3, 0]);
	});

	test("is nothing for who claims to have more than there is", () => {
		const log = new History(100, MANY);
		say(log, ann, "x1");
		expect(missed(log, ann, MANY, MANY)).toEqual([[], 0, 0]);
		expect(missed(new History(1, MANY), visit("new"), 0, 0)).toEqual([[], 0, 0]);
	});
});

describe("a replay", () => {
	test("goes on with what happens meanwhile, though what the member has already is forgotten", () => {
		const log = new History(3, MANY);
		for (const id of ["1", "2", "3"]) say(log, ann, id);
		const { missed } = log.since(ann, seq - 1, 0);
		say(log, ann, "4");
		say(log, ann, "5");
		expect(missed.isCutOff).toBe(false);
		const ids = JSON.parse(missed.next() ?? "[]").map(({ id }: { id: string }) => id);
		expect(ids).toEqual(["3", "4", "5"]);
		expect(missed.next()).toBeNull();
		say(log, ann, "6");
		expect(missed.isCutOff).toBe(false);
		expect(missed.next()).toContain('"6"');
	});

	test("is cut off once what comes next is forgotten", () => {
		const log = new History(3, MANY);
		for (const id of ["1", "2", "3"]) say(log, ann, id);
		const { missed } = log.since(ann, seq - 2, 0);
		for (const id of ["4", "5", "6"]) say(log, ann, id);
		expect(missed.isCutOff).toBe(true);
		expect(missed.next()).toBeNull();
	});
});
