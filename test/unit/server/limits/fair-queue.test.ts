import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FairQueue } from "../../../../lib/server/limits/fair-queue.ts";
import { networksOf } from "../../../../lib/server/limits/ip-address.ts";

/** A queue that holds `count` items from each address, named after it and numbered from 1. */
function queueOf(counts: Record<string, number>): FairQueue<string> {
	const queue = new FairQueue<string>();
	for (const [ip, count] of Object.entries(counts)) {
		for (let i = 1; i <= count; i++) queue.push(networksOf(ip), `${ip} ${i}`);
	}
	return queue;
}

const take = (queue: FairQueue<string>, count: number): (string | undefined)[] =>
	Array.from({ length: count }, () => queue.shift());

describe("networks take turns", () => {
	test("however much one of them asks for", () => {
		const queue = queueOf({ "192.0.2.1": 50, "192.0.2.2": 2 });
		const order = ["192.0.2.1 1", "192.0.2.2 1", "192.0.2.1 2", "192.0.2.2 2", "192.0.2.1 3"];
		expect(take(queue, 5)).toEqual(order);
	});

	test("and one that had no turn yet is next, one that had it lately is not", () => {
		const queue = queueOf({ "192.0.2.1": 50, "192.0.2.2": 50, "192.0.2.3": 1 });
		expect(take(queue, 3)).toEqual(["192.0.2.1 1", "192.0.2.2 1", "192.0.2.3 1"]);
		queue.push(networksOf("192.0.2.3"), "again");
		queue.push(networksOf("192.0.2.4"), "new");
		expect(take(queue, 4)).toEqual(["new", "192.0.2.1 2", "192.0.2.2 2", "again"]);
	});

	test.each([
		["a /64 in a /56", "2001:db8:1:2::1", "2001:db8:1:3::1"],
		["a /56 in a /48", "2001:db8:1:200::1", "2001:db8:1:300::1"],
		["a /48", "2001:db8:1::1", "2001:db8:2::1"],
	])("also %s", (_, many, one) => {
		const queue = queueOf({ [many]: 50, [one]: 1 });
		expect(take(queue, 2)).toEqual([`${many} 1`, `${one} 1`]);
	});

	test("a /48 as one, whatever it is divided into", () => {
		const parts = Array.from({ length: 300 }, (_, i) => `2001:db8:1:${i.toString(16)}::1`);
		const counts = Object.fromEntries(parts.map((ip) => [ip, 1]));
		const queue = queueOf({ ...counts, "2001:db8:2::1": 3 });
		const others = take(queue, 6).filter((item) => item?.startsWith("2001:db8:2:"));
		expect(others).toHaveLength(3);
	});
});

test("the longest queue pays with its newest; of equals the one that came last", () => {
	const queue = queueOf({
		"192.0.2.1": 2,
		"2001:db8::1": 1,
		"2001:db8:0:100::1": 3,
		"192.0.2.9": 3,
	});
	const order = ["2001:db8:0:100::1 3", "192.0.2.9 3", "2001:db8:0:100::1 2", "192.0.2.9 2"];
	expect(Array.from({ length: 4 }, () => queue.dropLongest())).toEqual(order);
	expect(queue.length).toBe(5);
});

test("all of one network can be taken, and the others stay", () => {
	const queue = queueOf({ "2001:db8::1": 2, "2001:db8:0:100::1": 1, "192.0.2.9": 1 });
	expect(queue.removeAll("2001:db8:0::/48").map(([, item]) => item)).toEqual([
		...["2001:db8::1 1", "2001:db8::1 2", "2001:db8:0:100::1 1"],
	]);
	expect(queue.removeAll("2001:db8:0::/48")).toEqual([]);
	expect(take(queue, 2)).toEqual(["192.0.2.9 1", undefined]);
});

test("whatever is done to it, it gives back all that it got, each network's in order", () => {
	const step = fc.record({
		what: fc.constantFrom("push", "push", "shift", "drop"),
		ip: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:100::1"),
	});
	const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
		const queue = new FairQueue<string>();
		const waiting: string[] = [];
		for (const [i, { what, ip }] of steps.entries()) {
			if (what === "push") {
				queue.push(networksOf(ip), `${ip} ${i}`);
				waiting.push(`${ip} ${i}`);
			} else {
				const item = what === "shift" ? queue.shift() : queue.dropLongest();
				const own = waiting.filter((other) => other.split(" ")[0] === item?.split(" ")[0]);
				expect(item).toBe(what === "shift" ? own[0] : own.at(-1));
				if (item !== undefined) waiting.splice(waiting.indexOf(item), 1);
			}
			expect(queue.length).toBe(waiting.length);
		}
		expect(take(queue, waiting.length).toSorted()).toEqual(waiting.toSorted());
	});
	fc.assert(property);
});
