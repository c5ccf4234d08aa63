import { describe, expect, spyOn, test } from "bun:test";
import { isRandomId, randomId, shortId } from "../../../lib/util/random-id.ts";

const MANY = 20_000;

describe("the short id of a message or a visit", () => {
	const ids = Array.from({ length: MANY }, shortId);

	test("is 11 characters of base64url, and never the same", () => {
		for (const id of ids) expect(id).toMatch(/^[\w-]{11}$/);
		expect(new Set(ids).size).toBe(MANY);
	});

	test("is 64 random bits, each of them 1 as often as 0", () => {
		const ones = new Array<number>(64).fill(0);
		for (const id of ids) {
			const bytes = Buffer.from(id, "base64url");
			expect(bytes).toHaveLength(8);
			for (let bit = 0; bit < 64; bit++) {
				ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
			}
		}
		// Ten standard deviations: sqrt(20,000) / 2 is 71.
		for (const count of ones) expect(Math.abs(count - MANY / 2)).toBeLessThan(710);
	});

	test("is made of all the bits that the system's generator gives, and of no others", () => {
		const draw = [0x00, 0xff, 0xfb, 0xef, 0xbe, 0x01, 0x80, 0x7f];
		using _ = spyOn(crypto, "getRandomValues").mockImplementation((array) => {
			const bytes = array as Uint8Array;
			bytes.set(draw);
			return array;
		});
		expect(shortId()).toBe("AP_7774BgH8");
	});
});

describe("a random id of a session or a resume token", () => {
	const ids = Array.from({ length: MANY }, randomId);

	test("is 32 hexadecimal digits, and never the same", () => {
		for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
		expect(new Set(ids).size).toBe(MANY);
	});

	test("is told from what is none", () => {
		expect(ids.every(isRandomId)).toBe(true);
		const [id = ""] = ids;
		for (const wrong of ["", id.slice(1), `${id}0`, `${id}\n`, `${id.slice(1)}g`, shortId()]) {
			expect(isRandomId(wrong)).toBe(false);
		}
		expect(isRandomId("ABCDEF0123456789ABCDEF0123456789")).toBe(false);
	});
});
