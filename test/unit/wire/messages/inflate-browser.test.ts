import { describe, expect, test } from "bun:test";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { MAX_BATCH_BYTES } from "../../../../lib/wire/messages/batch.ts";
import { inflateRaw as inflateHere } from "../../../../lib/wire/messages/inflate.ts";
import { inflateRaw } from "../../../../lib/wire/messages/inflate-browser.ts";

// The page's inflating, held against zlib.

const RUNS = Number(process.env.TEST_RUNS ?? 100);
const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_DEFAULT_STRATEGY, Z_FULL_FLUSH } = constants;

/** Bytes as hex, or null where they do not inflate. */
function result(inflate: typeof inflateRaw, bytes: Uint8Array, max = MAX_BATCH_BYTES) {
	try {
		return Buffer.from(inflate(bytes, max)).toString("hex");
	} catch {
		return null;
	}
}

/** Text with repetitions, which deflate finds, and without. */
const plain = fc.oneof(
	fc.string({ unit: "grapheme", maxLength: 400 }).map((text) => Buffer.from(text)),
	fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
	fc.uint8Array({ minLength: 3000, maxLength: 9000 }).map((bytes) => Buffer.from(bytes)),
	fc.tuple(fc.string({ minLength: 1, maxLength: 20 }), fc.nat(200)).map(([text, times]) => {
		return Buffer.from(text.repeat(times));
	}),
);
const deflated = fc
	.tuple(plain, fc.nat(9), fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE))
	.map(([bytes, level, strategy]) => deflateRawSync(bytes, { level, strategy }));
const damaged = fc
	.tuple(deflated, fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 4 }))
	.map(([bytes, changes]) => {
		const changed = Buffer.from(bytes);
		for (const [at, to] of changes) changed[at % changed.length] = to;
		return changed;
	});
const hostile = fc.oneof(damaged, fc.uint8Array({ maxLength: 100 }));

test("what zlib inflates, it inflates to the same bytes", () => {
	const agree = (bytes: Uint8Array): void =>
		expect(result(inflateRaw, bytes)).toBe(result(inflateHere, bytes));
	fc.assert(fc.property(deflated, agree), { numRuns: RUNS * 5 });
	const agreeIfGood = (bytes: Uint8Array): void => {
		const right = result(inflateHere, bytes);
		if (right !== null) expect(result(inflateRaw, bytes)).toBe(right);
	};
	fc.assert(fc.property(hostile, agreeIfGood), { numRuns: RUNS * 20 });
});

test("cut short anywhere, it does not inflate", () => {
	const check = (bytes: Uint8Array): void => {
		for (let end = 0; end < bytes.length; end += 1 + (bytes.length >> 7)) {
			expect(result(inflateRaw, bytes.subarray(0, end))).toBeNull();
		}
	};
	fc.assert(fc.property(deflated, check), { numRuns: RUNS / 10 });
});

test("no byte of one batch is left in what comes of the next", () => {
	const fill = (byte: number): void => {
		inflateRaw(deflateRawSync(Buffer.alloc(MAX_BATCH_BYTES, byte)), MAX_BATCH_BYTES);
	};
	const samples = fc.sample(hostile, RUNS * 10);
	fill(0x41);
	const first = samples.map((bytes) => result(inflateRaw, bytes));
	fill(0x5a);
	expect(samples.map((bytes) => result(inflateRaw, bytes))).toEqual(first);
});

test("what it returned stays as it is", () => {
	const one = inflateRaw(deflateRawSync("one"), MAX_BATCH_BYTES);
	inflateRaw(deflateRawSync("two"), MAX_BATCH_BYTES);
	expect(Buffer.from(one).toString()).toBe("one");
});

describe("what inflates to more than it may", () => {
	test.each([1, 100, 300_000, MAX_BATCH_BYTES])("than %d bytes", (max) => {
		for (const level of [0, 1, 9]) {
			const whole = deflateRawSync(Buffer.alloc(max, "a"), { level });
			expect(inflateRaw(whole, max)).toHaveLength(max);
			const over = deflateRawSync(Buffer.alloc(max + 1, "a"), { level });
			expect(() => inflateRaw(over, max)).toThrow(RangeError);
		}
	});

	test("a thousand times as much, in no more memory", () => {
		const one = deflateRawSync(Buffer.alloc(1024 * 1024, " "), { finishFlush: Z_FULL_FLUSH });
		const bomb = Buffer.concat([...Array(1024).fill(one), deflateRawSync("x")]);
		const before = process.resourceUsage().maxRSS;
		expect(() => inflateRaw(bomb, MAX_BATCH_BYTES)).toThrow(RangeError);
		// In KiB.
		expect(process.resourceUsage().maxRSS - before).toBeLessThan(64 * 1024);
	});
});
