import { describe, expect, test } from "bun:test";
import { constants, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { ProtocolError } from "../../../../lib/wire/errors/reason.ts";
import { breach } from "../crypto/channel-samples.ts";
import { deflated, HEAD, json, marked, open, opened, said } from "./batch-samples.ts";

// A member knows the room key, and can send the others whatever it likes under it.

const RUNS = Number(process.env.TEST_RUNS ?? 100);
const MIB = 1024 * 1024;
const EVENTS = [said("hello"), said("Grüße")];
const GOOD = deflateRawSync(json(EVENTS));

/** A batch of so many bytes of JSON, blanks included. */
const padded = (size: number): string => {
	const text = json(EVENTS);
	return text + " ".repeat(size - Buffer.byteLength(text));
};

/** Deflate that inflates to so many MiB of blanks. */
function bomb(mebibytes: number): Buffer {
	const one = deflateRawSync(Buffer.alloc(MIB, " "), { finishFlush: constants.Z_FULL_FLUSH });
	return marked(Buffer.concat([...Array(mebibytes).fill(one), GOOD]));
}

describe("what inflates to more than 1 MiB is refused", () => {
	test.each([0, 1, 9])("and exactly that much is not, at level %d", (level) => {
		const whole = marked(deflateRawSync(padded(MIB), { level }));
		expect(open(whole)).toEqual(opened(EVENTS) as never);
		const over = marked(deflateRawSync(padded(MIB + 1), { level }));
		expect(breach(() => open(over)).code).toBe("bad_message");
	});

	test("at once, and without the memory that it would take", () => {
		const bytes = bomb(1024);
		expect(bytes.length).toBeLessThan(2 * MIB);
		open(deflated(padded(MIB)));
		const before = process.resourceUsage().maxRSS;
		const start = performance.now();
		expect(breach(() => open(bytes)).code).toBe("bad_message");
		expect(performance.now() - start).toBeLessThan(1000);
		// In KiB: the token itself takes some of it.
		expect(process.resourceUsage().maxRSS - before).toBeLessThan(256 * 1024);
	});

	test("and says how much it may be, not what was in it", () => {
		const secret = `secret${" ".repeat(MIB)}`;
		const { message } = breach(() => open(deflated(secret)));
		expect(message).toContain(String(MIB));
		expect(message).not.toContain("secret");
	});
});

describe("what does not inflate is refused", () => {
	test.each([
		{ what: "nothing after 0x01", bytes: Buffer.of(1) },
		{ what: "nothing at all", bytes: Buffer.of() },
		{ what: "zlib's wrapper", bytes: marked(deflateSync(json(EVENTS))) },
		{ what: "gzip's wrapper", bytes: marked(gzipSync(json(EVENTS))) },
		{ what: "JSON after 0x01", bytes: marked(Buffer.from(json(EVENTS))) },
		{ what: "a block of a reserved kind", bytes: Buffer.of(1, 0x07) },
		{ what: "a stored block of the wrong length", bytes: Buffer.of(1, 0x01, 2, 0, 2, 0, 65, 66) },
		{ what: "a distance before the first byte", bytes: Buffer.of(1, 0x63, 0x00, 0x42, 0x00) },
		{ what: "deflate without its mark", bytes: GOOD },
		{ what: "another mark", bytes: Buffer.concat([Buffer.of(2), GOOD]) },
		{ what: "deflate of deflate", bytes: marked(deflateRawSync(marked(GOOD))) },
		{ what: "deflate of nothing", bytes: deflated("") },
		{ what: "deflate of no JSON", bytes: deflated("hello") },
		{ what: "deflate of no UTF-8", bytes: marked(deflateRawSync(Buffer.of(0x22, 0xff, 0x22))) },
		{ what: "deflate of no batch", bytes: deflated('{"type":"pong"}') },
		{ what: "deflate of lists in lists", bytes: deflated("[".repeat(MIB)) },
	])("$what", ({ bytes }) => {
		expect(breach(() => open(bytes)).code).toBe("bad_message");
	});

	test("deflate cut short anywhere", () => {
		for (let end = 0; end < GOOD.length; end++) {
			expect(breach(() => open(marked(GOOD.subarray(0, end)))).code).toBe("bad_message");
		}
	});

	test("any bytes, and good ones with some changed: opened, or a breach and nothing else", () => {
		const changed = fc
			.array(fc.tuple(fc.nat(GOOD.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1 })
			.map((changes) => {
				const bytes = Buffer.from(GOOD);
				for (const [at, by] of changes) bytes[at] = (bytes[at] ?? 0) ^ by;
				return bytes;
			});
		const holds = (bytes: Uint8Array): void => {
			try {
				open(marked(bytes));
			} catch (error) {
				expect(error).toBeInstanceOf(ProtocolError);
			}
		};
		fc.assert(fc.property(fc.oneof(fc.uint8Array(), changed), holds), { numRuns: RUNS * 5 });
	});
});

test("what comes after the end of the deflate stream is no part of the batch", () => {
	const others = [Buffer.of(0), Buffer.from("zz"), Buffer.from(json(EVENTS)), GOOD];
	for (const other of others) {
		expect(open(marked(Buffer.concat([GOOD, other])))).toEqual(opened(EVENTS) as never);
	}
});

test("a deflated batch of nothing but strange events costs as many numbers, and no more", () => {
	const count = 80_000;
	const events = Array.from({ length: count }, () => ({ type: "" }));
	const read = open(deflated(JSON.stringify({ ...HEAD, events }))).events;
	expect(read).toHaveLength(count);
	expect(read.at(-1)).toEqual({ type: "unknown", seq: HEAD.seq + count - 1 });
});
