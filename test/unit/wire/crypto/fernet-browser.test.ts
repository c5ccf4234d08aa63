import { describe, expect, test } from "bun:test";
import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { Fernet } from "../../../../lib/wire/crypto/fernet.ts";
import {
	Fernet as BrowserFernet,
	generateKey,
} from "../../../../lib/wire/crypto/fernet-browser.ts";
import { InvalidKey, InvalidToken } from "../../../../lib/wire/crypto/fernet-rules.ts";
import generate from "../../../fixtures/fernet/generate.json";
import invalid from "../../../fixtures/fernet/invalid.json";
import verify from "../../../fixtures/fernet/verify.json";
import {
	askPython,
	EMPTY,
	fernet,
	KEY,
	NOW,
	ONE_BLOCK,
	RUNS,
	rawOf,
	SEVERAL,
	signed,
	specified,
	spell,
	utf8,
} from "./fernet-samples.ts";

// The page's engine, held against the specification, ours and Python's. What fernet.test.ts shows of
// ours holds for it as well where both give every token the same answer.

const browser = new BrowserFernet(KEY);
const seconds = (moment: string): number => Date.parse(moment) / 1000;

interface Limits {
	readonly ttl?: number;
	readonly now?: number;
}

/** What is in a token, in hex, or the code of the refusal. */
function verdict(engine: Fernet | BrowserFernet, token: string, limits: Limits = {}): string {
	try {
		return Buffer.from(engine.decrypt(token, limits)).toString("hex");
	} catch (error) {
		if (!(error instanceof InvalidToken)) throw error;
		return error.code;
	}
}

function expectAlike(token: string, limits: Limits = {}): void {
	expect({ token, ...limits, is: verdict(browser, token, limits) }).toEqual({
		...{ token, ...limits, is: verdict(fernet, token, limits) },
	});
}

describe("the specification's vectors", () => {
	test.each(generate)("made: $src", ({ now, src, secret }) => {
		const token = new BrowserFernet(secret).encrypt(src, { now: seconds(now) });
		const iv = rawOf(token).subarray(9, 25);
		expect(specified(secret, src, seconds(now), iv)).toBe(token);
	});

	test.each(verify)("valid: $src", ({ token, now, ttl_sec, src, secret }) => {
		const opened = new BrowserFernet(secret).decrypt(token, { ttl: ttl_sec, now: seconds(now) });
		expect(utf8(opened)).toBe(src);
	});

	test.each(invalid)("invalid: $desc", ({ token, now, ttl_sec, secret }) => {
		const open = () =>
			new BrowserFernet(secret).decrypt(token, { ttl: ttl_sec, now: seconds(now) });
		expect(open).toThrow(InvalidToken);
	});
});

describe("it and ours", () => {
	const bytes = fc.uint8Array({ maxLength: 300 });

	test("open each other's tokens of any bytes, under any key", () => {
		const agree = (data: Uint8Array): void => {
			const key = generateKey();
			const [page, program] = [new BrowserFernet(key), new Fernet(key)];
			expect(Buffer.from(program.decrypt(page.encrypt(data)))).toEqual(Buffer.from(data));
			expect(Buffer.from(page.decrypt(program.encrypt(data)))).toEqual(Buffer.from(data));
		};
		fc.assert(fc.property(bytes, agree), { numRuns: RUNS });
	});

	test("make the same token of the same text, time and IV", () => {
		const agree = (text: string, now: number): void => {
			const token = browser.encrypt(text, { now });
			expect(specified(KEY, text, now, rawOf(token).subarray(9, 25))).toBe(token);
		};
		const text = fc.string({ unit: "grapheme", maxLength: 200 });
		fc.assert(fc.property(text, fc.integer({ min: 0, max: 2 ** 33 }), agree), { numRuns: RUNS });
	});

	test("give the same answer to a token of any age", () => {
		const token = fernet.encrypt("x", { now: NOW });
		for (const later of [-1e8, -61, -60, -59, 0, 59, 60, 61, 1e8]) {
			for (const ttl of [0, 60]) expectAlike(token, { ttl, now: NOW + later });
			expectAlike(token, { now: NOW + later });
		}
	});

	test("give the same answer to a token that was changed in any way", () => {
		const piece = fc.constantFrom(
			"",
			"A",
			"-",
			"_",
			"=",
			"==",
			"+",
			"/",
			" ",
			"\n",
			"\0",
			"é",
			"😀",
		);
		const edits = fc.array(fc.tuple(fc.nat(200), fc.nat(3), piece), { minLength: 1, maxLength: 3 });
		const change = (token: string, list: [at: number, gone: number, put: string][]): void => {
			const changed = list.reduce(
				(text, [at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone),
				token,
			);
			expectAlike(changed);
		};
		const token = fc.constantFrom(EMPTY, ONE_BLOCK, SEVERAL);
		fc.assert(fc.property(token, edits, change), { numRuns: RUNS * 20 });
	});

	test("give the same answer to bytes of any kind and length under the right MAC", () => {
		const head = fc
			.tuple(fc.constantFrom(0x80, 0x80, 0x80, 0x00, 0x81), fc.uint8Array({ maxLength: 80 }))
			.map(([version, rest]) => Buffer.from([version, ...rest]));
		fc.assert(
			fc.property(head, (given) => expectAlike(signed(given))),
			{ numRuns: RUNS * 5 },
		);
	});

	test("give the same answer to any version under the right MAC", () => {
		const head = rawOf(EMPTY).subarray(0, -32);
		for (head[0] = 0; head[0] < 255; head[0]++) expectAlike(signed(head));
	});

	test("give the same answer to any padding under the right MAC", () => {
		const head = rawOf(ONE_BLOCK).subarray(0, 25);
		const iv = head.subarray(9);
		for (const length of Array(18).keys()) {
			for (const byte of [length, 0, 255, length + 16]) {
				const cipher = createCipheriv("aes-128-cbc", rawOf(KEY).subarray(16), iv);
				const block = Buffer.alloc(16, "a").fill(byte, Math.max(0, 16 - length));
				const body = cipher.setAutoPadding(false).update(block);
				expectAlike(signed(Buffer.concat([head, body])));
			}
		}
	});

	test("take the same keys", () => {
		const others = [KEY.slice(1), `${KEY}=`, KEY.replace("=", ""), KEY.replaceAll("-", "+"), ""];
		const loose = KEY.replace(/.=$/, "5=");
		expect(rawOf(loose)).toEqual(rawOf(KEY));
		for (const key of [
			...others,
			loose,
			`${KEY.slice(0, 8)}\n${KEY.slice(8)}`,
			spell(rawOf(EMPTY)),
		]) {
			for (const engine of [Fernet, BrowserFernet])
				expect(() => new engine(key)).toThrow(InvalidKey);
		}
	});
});

test("it and Python's cryptography open each other's tokens of any bytes", () => {
	const cases = fc
		.sample(fc.uint8Array({ maxLength: 300 }), RUNS)
		.map((bytes) => Buffer.from(bytes));
	const data = cases.map((bytes) => bytes.toString("base64"));
	const tokens = cases.map((bytes) => browser.encrypt(bytes, { now: NOW }));
	const { opened, made } = askPython({ key: KEY, data, tokens, times: [] });
	expect(opened).toEqual(data);
	expect(made.map((token) => Buffer.from(browser.decrypt(token)))).toEqual(cases);
});
