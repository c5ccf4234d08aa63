import { expect, test } from "bun:test";
import fc from "fast-check";
import { History } from "../../../../lib/server/room-state/history.ts";
import type { Member } from "../../../../lib/server/room-state/member.ts";
import { MAX_TEXT_BYTES } from "../../../../lib/wire/messages/fields.ts";
import { eventually } from "../../../support/eventually.ts";
import {
	ann,
	bob,
	carol,
	dan,
	happen,
	join,
	MANY,
	missedSince,
	said,
	say,
	tell,
	visit,
} from "./history-samples.ts";

/** What the history still has, by the ids or the names in it. */
const kept = (log: History, member = ann): unknown[] =>
	missedSince(log, member, 0, 0).missed.map((one) =>
		"id" in one ? one.id : "name" in one ? one.name : one.type,
	);

test("events are forgotten oldest first", () => {
	const log = new History(3, MANY);
	expect(kept(log)).toEqual([]);
	for (const id of ["1", "2", "3", "4", "5"]) say(log, ann, id);
	expect(kept(log)).toEqual(["3", "4", "5"]);
	// Anybody who comes back gets what was said to all.
	expect(kept(log, visit("ann"))).toEqual(["3", "4", "5"]);
});

test("what one turn brought is forgotten as one, and never too early", () => {
	const log = new History(3, MANY);
	say(log, ann, "1");
	happen(log, said(ann, "2"), said(bob, "3"));
	say(log, ann, "4");
	expect(kept(log)).toEqual(["2", "3", "4"]);
	say(log, ann, "5");
	expect(kept(log)).toEqual(["2", "3", "4", "5"]);
	say(log, ann, "6");
	expect(kept(log)).toEqual(["4", "5", "6"]);
	const many = Array.from({ length: 10 }, (_, i) => said(ann, `${i}`));
	happen(log, ...many);
	expect(kept(log)).toHaveLength(10);
});

test("a member that joins or leaves is an event too", () => {
	const log = new History(3, MANY);
	say(log, ann, "1");
	join(log, bob);
	join(log, carol);
	expect(kept(log)).toEqual(["1", "bob", "carol"]);
	join(log, dan);
	expect(kept(log)).toEqual(["bob", "carol", "dan"]);
});

test.each([
	["letters", "x".repeat(MAX_TEXT_BYTES), MAX_TEXT_BYTES],
	// Two bytes a character in memory, three on the wire.
	["others", "€".repeat(Math.floor(MAX_TEXT_BYTES / 3)), Math.floor(MAX_TEXT_BYTES / 3) * 2],
	// With one such character, the runtime keeps all the others in two bytes too.
	["both", `${"x".repeat(MAX_TEXT_BYTES - 3)}€`, (MAX_TEXT_BYTES - 2) * 2],
	// What is kept is JSON.
	["control characters", "\u0001".repeat(MAX_TEXT_BYTES), MAX_TEXT_BYTES * 6],
	["quotes", '"'.repeat(MAX_TEXT_BYTES), MAX_TEXT_BYTES * 2],
])("no more bytes are remembered than allowed: %s", (_, text, size) => {
	const bytes = 20 * MAX_TEXT_BYTES;
	const log = new History(MANY, bytes);
	const ids = Array.from({ length: 100 }, (_, i) => String(i));
	for (const id of ids) say(log, ann, id, text);
	const still = kept(log);
	expect(still.length * size).toBeLessThanOrEqual(bytes);
	expect(still.length).toBeGreaterThan(2);
	expect(still).toEqual(ids.slice(-still.length));
});

test("events without a text are not free", () => {
	const log = new History(MANY, 4096);
	say(log, ann, "1", "");
	for (let i = 0; i < 4096; i++) join(log, bob);
	expect(kept(log)).not.toContain("1");
	expect(kept(log).length).toBeLessThan(100);
});

test("private lines count too, with their text and beside it", () => {
	const log = new History(MANY, 4096);
	const zoe = visit("zoe");
	for (let i = 0; i < 100; i++) tell(log, String(i), zoe);
	expect(kept(log, zoe)).toContain("99");
	expect(kept(log, zoe).length).toBeLessThan(20);
	tell(log, "x".repeat(4096), zoe);
	expect(kept(log, zoe)).toEqual([]);
});

test.each([
	["letters", "x", 1],
	["control characters", "\u0001", 6],
	["backslashes", "\\", 2],
	["others", "€", 2],
])("and by their bytes in JSON: %s", (_, character, size) => {
	const bytes = 100_000;
	const log = new History(MANY, bytes);
	const zoe = visit("zoe");
	for (let i = 0; i < 100; i++) tell(log, character.repeat(1000), zoe);
	// The text is the id as well.
	const still = kept(log, zoe).length;
	expect(still * 2000 * size).toBeWithin(bytes / 2, bytes);
});

test("one event beyond the bound is not kept, and hurts nothing", () => {
	const log = new History(10, 1000);
	say(log, ann, "1", "x".repeat(MAX_TEXT_BYTES));
	expect(kept(log)).toEqual([]);
	say(log, ann, "2");
	expect(kept(log)).toEqual(["2"]);
});

test("dropped events are let go", async () => {
	const log = new History(10, MANY);
	let dropped = 0;
	const registry = new FinalizationRegistry(() => dropped++);
	for (let i = 0; i < 1000; i++) {
		const told = {
			type: "told",
			id: `${i}`,
			at: i,
			from: "ann",
			to: "ann",
			text: "hello",
		} as const;
		const batch = { seq: i, at: i, count: 1, events: "[]" };
		registry.register(told, i);
		registry.register(batch, i);
		log.appendPrivate(JSON.stringify(told), ann, ann);
		log.append(batch);
	}
	await eventually("most of them let go", () => {
		Bun.gc(true);
		return dropped > 1500;
	});
	// The use of `log` here keeps the engine from freeing the whole history.
	expect(kept(log)).toHaveLength(5);
});

test("whatever happens, it keeps only the newest events, each batch whole", () => {
	const event = fc.record({
		member: fc.constantFrom(ann, bob),
		ids: fc.array(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 3 }),
		isPrivate: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 5 }), fc.array(event), (most, events) => {
			const log = new History(most, MANY);
			const all: { ids: string[]; to: Member[] }[] = [];
			for (const { member, ids, isPrivate } of events) {
				if (isPrivate) {
					for (const id of ids) {
						tell(log, id, member);
						all.push({ ids: [id], to: [member] });
					}
				} else {
					happen(log, ...ids.map((id) => said(member, id)));
					all.push({ ids, to: [ann, bob] });
				}
				for (const reader of [ann, bob]) {
					const last = ending(all, most).filter(({ to }) => to.includes(reader));
					expect(kept(log, reader)).toEqual(last.flatMap(({ ids }) => ids));
				}
			}
		}),
	);
});

/** The fewest of the last entries that have this many ids between them. */
function ending<T extends { ids: string[] }>(entries: T[], ids: number): T[] {
	let count = 0;
	const first = entries.findLastIndex((entry) => {
		count += entry.ids.length;
		return count >= ids;
	});
	return entries.slice(Math.max(0, first));
}
