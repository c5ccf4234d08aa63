import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ExpiringMap } from "../../../lib/util/expiring-map.ts";

describe("an entry", () => {
	test("lasts for its lifetime from when it was set last, and not for longer", () => {
		const map = new ExpiringMap<string, number>(10, 100);
		map.set("a", 1, 0);
		map.set("b", 2, 0);
		map.set("a", 3, 50);
		expect([map.get("a", 99), map.get("b", 99)]).toEqual([3, 2]);
		expect([map.get("a", 149), map.get("b", 100)]).toEqual([3, undefined]);
		expect(map.get("a", 150)).toBeUndefined();
	});

	test("without an end stays until there are too many", () => {
		const map = new ExpiringMap<string, number>(2, Number.POSITIVE_INFINITY);
		for (const [i, key] of ["a", "b", "c"].entries()) map.set(key, i, 0);
		const year = 365 * 24 * 3_600_000;
		expect(["a", "b", "c"].map((key) => map.get(key, year))).toEqual([undefined, 1, 2]);
	});

	test("that is deleted is gone, and once more is no error", () => {
		const map = new ExpiringMap<string, number>(10, 100);
		map.set("a", 1, 0);
		map.delete("a");
		map.delete("a");
		expect([map.get("a", 0), map.size]).toEqual([undefined, 0]);
	});

	test("that is set again is among the newest; reading it does not make it so", () => {
		const map = new ExpiringMap<string, number>(2, 100);
		map.set("a", 1, 0);
		map.set("b", 2, 0);
		map.set("a", 3, 0);
		map.get("b", 0);
		map.set("c", 4, 0);
		expect(["a", "b", "c"].map((key) => map.get(key, 0))).toEqual([3, undefined, 4]);
	});
});

test("what has expired is let go with the next entry, all of it, and nothing else", () => {
	const map = new ExpiringMap<number, number>(1000, 100);
	for (let i = 0; i < 100; i++) map.set(i, i, i);
	expect(map.size).toBe(100);
	// The entries set at 0 to 50 have reached their lifetime.
	map.set(-1, 0, 150);
	expect(map.size).toBe(1 + 49);
	map.set(-2, 0, 10_000);
	expect(map.size).toBe(1);
});

test("a full map says how long until it has room, and drops only what has expired", () => {
	const map = new ExpiringMap<string, number>(2, 100);
	expect(map.waitForRoom(0)).toBe(0);
	map.set("a", 1, 0);
	map.set("b", 2, 30);
	expect([map.waitForRoom(30), map.waitForRoom(99)]).toEqual([70, 1]);
	expect([map.get("a", 99), map.get("b", 99)]).toEqual([1, 2]);
	expect([map.waitForRoom(100), map.size]).toEqual([0, 1]);
});

test("however many are set at one moment, memory holds the newest of them and no more", () => {
	const map = new ExpiringMap<number, number>(1000, 100);
	for (let i = 0; i < 30_000; i++) {
		map.set(i, i, 0);
		expect(map.size).toBe(Math.min(i + 1, 1000));
	}
	expect([map.get(28_999, 0), map.get(29_000, 0)]).toEqual([undefined, 29_000]);
});

test("whatever is done to it, it is as a list in which the newest comes last", () => {
	const step = fc.record({
		what: fc.constantFrom("set", "get", "delete"),
		key: fc.nat(7),
		pause: fc.nat(20),
	});
	const property = fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step), (max, steps) => {
		const map = new ExpiringMap<number, number>(max, 50);
		let list: { key: number; value: number; at: number }[] = [];
		let now = 0;
		for (const [value, { what, key, pause }] of steps.entries()) {
			now += pause;
			if (what !== "get") list = list.filter((each) => each.key !== key);
			if (what === "delete") map.delete(key);
			if (what === "set") {
				map.set(key, value, now);
				list = [...list, { key, value, at: now }].slice(-max);
			}
			list = list.filter(({ at }) => now - at < 50);
			const known = list.find((each) => each.key === key);
			expect(map.get(key, now)).toBe(known?.value);
			expect(map.size).toBeLessThanOrEqual(max);
		}
	});
	fc.assert(property, { numRuns: 500 });
});
