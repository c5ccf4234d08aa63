import { describe, expect, test } from "bun:test";
import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from "node:zlib";
import fc from "fast-check";
import { splitIntoBatches } from "../../../../lib/server/room-state/timeline.ts";
import { type BatchHeader, MAX_BATCH_BYTES } from "../../../../lib/wire/messages/batch.ts";
import type { RoomEvent } from "../../../../lib/wire/messages/events.ts";
import { KEY } from "../crypto/channel-samples.ts";
import { HEAD, heldBy, json, marked, open, opened, ROOM, said, tokenOf } from "./batch-samples.ts";

// A batch that many read, or a long one, is deflated.

const RUNS = Number(process.env.TEST_RUNS ?? 100);
const HELLO = [said("hello")];
const LONGER = [said("hello ".repeat(200))];
const LONG: RoomEvent[] = Array(100).fill(LONGER[0]);
const [FEW, MANY] = [2, 1_000_000];

const seal = (events: RoomEvent[], readers: number, head: BatchHeader = HEAD) =>
	ROOM.seal(head, JSON.stringify(events), readers);

describe("a room key", () => {
	test.each([
		{ what: "what few read", events: LONGER, readers: FEW },
		{ what: "what is short, however many read it", events: HELLO, readers: MANY },
	])("seals as plain JSON $what", ({ events, readers }) => {
		const line = seal(events, readers);
		expect(heldBy(line).toString()).toBe(json(events));
		expect(ROOM.open(tokenOf(line))).toEqual(opened(events) as never);
	});

	test.each([
		{ what: "what many read", events: LONGER, readers: MANY },
		{ what: "what is long, however few read it", events: LONG, readers: FEW },
	])("deflates $what: 0x01, then raw deflate", ({ events, readers }) => {
		const line = seal(events, readers);
		const [mark, ...rest] = heldBy(line);
		expect(mark).toBe(1);
		expect(inflateRawSync(Buffer.from(rest)).toString()).toBe(json(events));
		expect(ROOM.open(tokenOf(line))).toEqual(opened(events) as never);
	});

	test("deflates from some number of readers on, the sooner the longer the batch is", () => {
		const isDeflated = (many: number, readers: number): boolean =>
			heldBy(seal(LONG.slice(0, many), readers))[0] === 1;
		const fewest = (many: number): number => {
			const readers = Array.from({ length: 200 }, (_, i) => i + 1);
			const from = readers.findIndex((each) => isDeflated(many, each));
			expect(readers.map((each) => isDeflated(many, each))).toEqual(
				readers.map((_, i) => i >= from),
			);
			return from;
		};
		const [one, two, ten] = [fewest(1), fewest(2), fewest(10)] as const;
		expect(one).toBeGreaterThan(two);
		expect(two).toBeGreaterThan(ten);
		expect(ten).toBeGreaterThan(0);
	});

	test("makes the line of a lively turn much shorter", () => {
		const events = Array.from({ length: 100 }, (_, i) => said(`message number ${i}`));
		expect(seal(events, MANY).length).toBeLessThan(seal(events, FEW).length / 3);
	});

	test("never deflates a batch that holds the next key, however long and for however many", () => {
		const next = { epoch: 13, key: KEY };
		for (const events of [HELLO, LONGER, LONG]) {
			const line = seal(events, MANY, { ...HEAD, next });
			expect(JSON.parse(heldBy(line).toString())).toEqual({ ...HEAD, next, events });
			expect(ROOM.open(tokenOf(line))).toEqual({ ...opened(events), next } as never);
		}
	});

	test("carries any text, deflated or not", () => {
		const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 600 });
		const holds = (texts: string[], readers: number): void => {
			const events = texts.map(said);
			expect(ROOM.open(tokenOf(seal(events, readers)))).toEqual(opened(events) as never);
		};
		const property = fc.property(fc.array(text), fc.constantFrom(FEW, MANY), holds);
		fc.assert(property, { numRuns: RUNS });
	});

	test("keeps the largest batches of a turn within what a member opens", () => {
		const name = "n".repeat(24);
		const by = { name, by: name, reason: "\u0000".repeat(200) };
		const worst: RoomEvent[] = [
			...[said("\u0000".repeat(8192)), said("世".repeat(2730)), said("\u0000")],
			{ type: "kicked", ...by },
			{ type: "banned", ...by, address: "\u0000".repeat(254) },
			{ type: "titled", by: name, title: "世".repeat(80) },
			{ type: "announced", by: name, text: "\u0000".repeat(8192) },
			{ type: "joined", name, visit: "v".repeat(22) },
		];
		for (const event of worst) {
			const batches = splitIntoBatches(Array<RoomEvent>(3000).fill(event));
			expect(batches.flat()).toHaveLength(3000);
			for (const events of batches) {
				expect(Buffer.byteLength(json(events))).toBeLessThanOrEqual(MAX_BATCH_BYTES);
			}
			const [first = []] = batches;
			expect(ROOM.open(tokenOf(seal(first, MANY)))).toEqual(opened(first) as never);
		}
	});
});

test("a crowd that joins in one turn is told in one batch", () => {
	const crowd = Array.from(
		{ length: 700 },
		(_, i): RoomEvent => ({ type: "joined", name: `member${i}`, visit: `abc${i}` }),
	);
	expect(splitIntoBatches(crowd)).toEqual([crowd]);
});

describe("what another implementation has deflated opens", () => {
	const events = Array.from({ length: 50 }, (_, i) => said(`Grüße ${i} 世界 ✓ ${"x".repeat(i)}`));
	const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_FILTERED } = constants;
	const ways: ZlibOptions[] = [
		...Array.from({ length: 10 }, (_, level) => ({ level })),
		...[9, 10, 11, 12, 13, 14, 15].map((windowBits) => ({ windowBits })),
		...[Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_FILTERED].map((strategy) => ({ strategy })),
	];

	test.each(ways.map((options) => ({ way: Object.entries(options).join(), options })))(
		"$way",
		({ options }) => {
			expect(open(marked(deflateRawSync(json(events), options)))).toEqual(opened(events) as never);
		},
	);

	test("in many blocks, some of them empty", () => {
		const flushed = [...json(events)].map((character) =>
			deflateRawSync(character, { finishFlush: constants.Z_FULL_FLUSH }),
		);
		const bytes = marked(Buffer.concat([...flushed, deflateRawSync("")]));
		expect(open(bytes)).toEqual(opened(events) as never);
	});
});
