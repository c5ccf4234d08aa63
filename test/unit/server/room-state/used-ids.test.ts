import { expect, test } from "bun:test";
import fc from "fast-check";
import { UsedIds } from "../../../../lib/server/room-state/used-ids.ts";

// The ids a member has used, which the room remembers so that nothing is said twice.

/** More messages than a client has on their way at once. */
const AT_LEAST = 1024;
/** Few enough to need little memory. */
const AT_MOST = 10_000;

const remembered = (used: UsedIds, ids: string[]): string[] => ids.filter((id) => used.has(id));
const idsOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);

test("an id is known once it is remembered, and as its member's alone", () => {
	const [ann, bob] = [new UsedIds(), new UsedIds()];
	expect(ann.has("1")).toBe(false);
	ann.add("1");
	expect(remembered(ann, ["1", "2"])).toEqual(["1"]);
	expect(bob.has("1")).toBe(false);
});

test("what may be on its way is remembered; of more, the oldest is forgotten", () => {
	const ann = new UsedIds();
	const ids = idsOf(3 * AT_MOST);
	for (const id of ids) ann.add(id);
	const still = remembered(ann, ids);
	expect(still.length).toBeGreaterThanOrEqual(AT_LEAST);
	expect(still.length).toBeLessThanOrEqual(AT_MOST);
	expect(still).toEqual(ids.slice(-still.length));
});

test("one member's ids are forgotten without another's", () => {
	const [ann, bob] = [new UsedIds(), new UsedIds()];
	for (const used of [ann, bob]) used.add("first");
	for (const id of idsOf(AT_MOST)) ann.add(id);
	expect([ann.has("first"), bob.has("first")]).toEqual([false, true]);
	// A forgotten id can be remembered again.
	ann.add("first");
	expect(ann.has("first")).toBe(true);
});

test("whatever is said, the last of it is known", () => {
	const ids = fc.array(fc.stringMatching(/^[a-z0-9-]{1,3}$/), { maxLength: 5000, size: "max" });
	fc.assert(
		fc.property(ids, (ids) => {
			const ann = new UsedIds();
			for (const id of ids) if (!ann.has(id)) ann.add(id);
			const last = [...new Set(ids)].slice(-AT_LEAST);
			expect(remembered(ann, last)).toEqual(last);
		}),
		{ numRuns: 30 },
	);
});

/** The same ids in another server of the room. */
const throughJson = (used: UsedIds): UsedIds => new UsedIds(JSON.parse(JSON.stringify(used)));

test("they come through JSON unchanged, and are forgotten as if nothing had happened", () => {
	// One fewer than are remembered at once, as many, and one more, once and twice.
	for (const count of [0, 1, 1023, 1024, 1025, 2047, 2048, 2049]) {
		const used = new UsedIds();
		const ids = idsOf(count);
		for (const id of ids) used.add(id);
		const again = throughJson(used);
		expect(again.toJSON()).toEqual(used.toJSON());
		expect(remembered(again, idsOf(count + 10))).toEqual(remembered(used, ids));
		for (let i = count; i < count + AT_LEAST + 1; i++) {
			for (const each of [used, again]) each.add(`${i}`);
			if (i % 100 === 0) expect(again.toJSON()).toEqual(used.toJSON());
		}
		expect(again.toJSON()).toEqual(used.toJSON());
	}
});

test("an id has the hash that the page of xxHash gives: files of rooms hold them over releases", () => {
	const used = new UsedIds();
	for (const id of ["", "a", "abc"]) used.add(id);
	const known = [0xef46db3751d8e999n, 0xd24ec4f1a98c6e5bn, 0x44bc2cf5ad770999n];
	expect(used.toJSON()).toEqual([known.map(Number), []]);
});
