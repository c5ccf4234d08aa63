import { describe, expect, test } from "bun:test";
import { LogCursor } from "../../../../lib/server/redis-log/log-cursor.ts";
import { say } from "../room-log/logs.ts";

const ROOM = "room";

/** What a cursor says to records that hold these entries of a server each. */
function read(...records: [server: string, ...numbers: number[]][]): number {
	const cursor = new LogCursor(ROOM);
	let count = 0;
	for (const [index, [server, ...numbers]] of records.entries()) {
		const entries = numbers.map((n) => say(n, "text", server));
		const record = { v: 1, room: ROOM, entries };
		count += cursor.advance({ id: `${index + 1}-0`, record, bytes: 1 }).length;
	}
	return count;
}

describe("the entries of one server", () => {
	test.each([
		[
			"one by one",
			[
				["a", 1],
				["a", 2],
				["a", 3],
			],
			3,
		],
		[
			"several in a record",
			[
				["a", 1, 2],
				["a", 3],
			],
			3,
		],
		[
			"beside another server's",
			[
				["a", 1],
				["b", 7],
				["a", 2],
				["b", 8],
			],
			4,
		],
		[
			"that come again",
			[
				["a", 1, 2],
				["a", 1, 2],
				["a", 2, 3],
				["a", 4],
			],
			7,
		],
		[
			"whose first were in a snapshot",
			[
				["a", 50],
				["a", 51],
			],
			2,
		],
	] as [string, [string, ...number[]][], number][])("are read: %s", (_, records, count) => {
		expect(read(...records)).toBe(count);
	});

	test.each([
		[
			"between two records",
			[
				["a", 1],
				["a", 3],
			],
		],
		["within a record", [["a", 1, 2, 4]]],
		[
			"after one that came again",
			[
				["a", 1, 2],
				["a", 1],
				["a", 4],
			],
		],
		[
			"beside another server's",
			[
				["a", 1],
				["b", 1],
				["b", 2],
				["a", 3],
			],
		],
		[
			"of many",
			[
				["a", 1],
				["a", 1000],
			],
		],
	] as [string, [string, ...number[]][]][])(
		"end the room where one is missing: %s",
		(_, records) => {
			expect(() => read(...records)).toThrow("Redis has forgotten");
		},
	);
});

test("a record with a gap is not read at all, and the cursor stays before it", () => {
	const cursor = new LogCursor(ROOM);
	const record = (...entries: ReturnType<typeof say>[]) => ({ v: 1, room: ROOM, entries });
	cursor.advance({ id: "1000-0", record: record(say(1)), bytes: 10 });
	const before = { id: cursor.id, stamp: cursor.stamp, bytes: cursor.bytes };
	expect(() => cursor.advance({ id: "2000-0", record: record(say(3)), bytes: 10 })).toThrow(
		"Redis has forgotten",
	);
	expect({ id: cursor.id, stamp: cursor.stamp, bytes: cursor.bytes }).toEqual(before);
});

test("what another room's server writes has no part in the count", () => {
	const cursor = new LogCursor(ROOM);
	const at = (id: string, room: string, n: number) =>
		cursor.advance({ id, record: { v: 1, room, entries: [say(n)] }, bytes: 1 }).length;
	expect([at("1-0", ROOM, 1), at("2-0", "other", 9), at("3-0", ROOM, 2)]).toEqual([1, 0, 1]);
});

test.each([998, 999, 1000, 1500])(
	"a server that goes on is remembered, however many others come: %d",
	(count) => {
		const others = Array.from({ length: count }, (_, i): [string, number] => [`s${i}`, 1]);
		const beside = others.flatMap((other, i): [string, number][] => [["a", i + 1], other]);
		expect(read(...beside, ["a", count + 1])).toBe(2 * count + 1);
		expect(() => read(...beside, ["a", count + 2])).toThrow("has forgotten");
	},
);
