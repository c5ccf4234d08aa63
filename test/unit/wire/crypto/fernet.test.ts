import { describe, expect, test } from "bun:test";
import { createCipheriv } from "node:crypto";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { InvalidToken } from "../../../../lib/wire/crypto/fernet-rules.ts";
import generate from "../../../fixtures/fernet/generate.json";
import invalid from "../../../fixtures/fernet/invalid.json";
import verify from "../../../fixtures/fernet/verify.json";
import {
	EMPTY,
	expectAsSpecified,
	fernet,
	KEY,
	NOW,
	ONE_BLOCK,
	rawOf,
	SEVERAL,
	signed,
	specified,
	spell,
	utf8,
} from "./fernet-samples.ts";

const seconds = (moment: string): number => Date.parse(moment) / 1000;

const BINARY =
	"gAAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAERX6vTDfdzO5pFa4JWG2ers_NXUT4SvGvn7yMlCFpE-xL7W0Qcujiyt_wJ8Y4XupA==";

const FROM_255 = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0";
const NOT_UTF8 = "ff00fe80c0afeda080";
const TEXT = Buffer.from("several blocks, several blocks, and a bit");

const KNOWN: [what: string, data: Buffer<ArrayBuffer>, iv: string, now: number, token: string][] = [
	["no bytes", Buffer.of(), FROM_255, NOW, EMPTY],
	["exactly one block", Buffer.alloc(16, "a"), FROM_255, NOW, ONE_BLOCK],
	["several blocks", TEXT, "8899aabbccddeeff0011223344556677", 1, SEVERAL],
	["not UTF-8, in the year 2242", Buffer.from(NOT_UTF8, "hex"), "00".repeat(16), 2 ** 33, BINARY],
];

/** Everything that the refusal of a token shows, or null for a token that opens. */
function refusal(token: string, options: { ttl?: number; now?: number } = {}): object | null {
	try {
		fernet.decrypt(token, options);
		return null;
	} catch (error) {
		if (!(error instanceof InvalidToken)) throw error;
		return { ...error, name: error.name, message: error.message, cause: error.cause };
	}
}

/** The one answer to any bad token: every test of a bad token compares with it. */
const OPAQUE = {
	name: "InvalidToken",
	code: "invalid_token",
	message: "This is not a valid Fernet token under this key.",
	cause: undefined,
};

function expectRefused(tokens: Iterable<string>): void {
	for (const token of tokens) expect({ token, ...refusal(token) }).toEqual({ token, ...OPAQUE });
}

/** AES-128-CBC without PKCS7, under the key and IV of the one-block token. */
function unpadded(plain: Uint8Array): Buffer {
	const iv = Buffer.from(FROM_255, "hex");
	const cipher = createCipheriv("aes-128-cbc", rawOf(KEY).subarray(16), iv);
	cipher.setAutoPadding(false);
	return Buffer.concat([cipher.update(plain), cipher.final()]);
}

describe("the specification's vectors", () => {
	test.each(generate)("made: $src", ({ token, now, iv, src, secret }) => {
		expect(specified(secret, src, seconds(now), iv)).toBe(token);
		expectAsSpecified(secret, src, seconds(now));
	});

	test.each(verify)("valid: $src", ({ token, now, ttl_sec, src, secret }) => {
		const opened = new Fernet(secret).decrypt(token, { ttl: ttl_sec, now: seconds(now) });
		expect(utf8(opened)).toBe(src);
	});

	test.each(invalid)("invalid: $desc", ({ token, now, ttl_sec, secret }) => {
		expect(secret).toBe(KEY);
		expect(refusal(token, { ttl: ttl_sec, now: seconds(now) })).toEqual(OPAQUE);
	});
});

test.each(KNOWN)("known answer: %s", (_, data, iv, now, token) => {
	expect(specified(KEY, data, now, Buffer.from(iv, "hex"))).toBe(token);
	expectAsSpecified(KEY, data, now);
	expect(Buffer.from(fernet.decrypt(token, { now, ttl: 0 }))).toEqual(data);
	expect(Fernet.issuedAt(token)).toBe(now);
});

describe("time", () => {
	const MADE = fernet.encrypt("x", { now: NOW });
	test.each([
		{ what: "as old as the TTL", later: 60, ttl: 60, opens: true },
		{ what: "a second older", later: 61, ttl: 60, opens: false },
		{ what: "no time at all", later: 0, ttl: 0, opens: true },
		{ what: "a second, with none allowed", later: 1, ttl: 0, opens: false },
		{ what: "60 s ahead", later: -60, ttl: 60, opens: true },
		{ what: "61 s ahead", later: -61, ttl: 60, opens: false },
		{ what: "61 s ahead of a long TTL", later: -61, ttl: 1e9, opens: false },
		{ what: "long ago, without a TTL", later: 1e9, opens: true },
		{ what: "long ahead, without a TTL", later: -400_000_000, opens: true },
	])("$what", ({ later, ttl, opens }) => {
		const options = { now: NOW + later, ...(ttl === undefined ? {} : { ttl }) };
		expect(refusal(MADE, options)).toEqual(opens ? null : OPAQUE);
	});

	test("left out, it is the clock's", () => {
		const before = Math.floor(Date.now() / 1000);
		const token = fernet.encrypt("x");
		expect(utf8(fernet.decrypt(token, { ttl: 60 }))).toBe("x");
		expect(Fernet.issuedAt(token)).toBeWithin(before, Date.now() / 1000 + 1);
		expect(refusal(fernet.encrypt("x", { now: before - 100 }), { ttl: 60 })).toEqual(OPAQUE);
	});
});

describe("one token has one spelling", () => {
	const SPELLINGS = [EMPTY, ONE_BLOCK, SEVERAL];

	test("missing, extra and inner padding", () => {
		for (const token of SPELLINGS) {
			const bare = token.replaceAll("=", "");
			const padded = ["", "=", "==", "===", "===="].map((padding) => bare + padding);
			expect(padded).toContain(token);
			expectRefused(padded.filter((spelling) => spelling !== token));
			expectRefused([`${bare}=A`, `=${bare}`, `${bare.slice(0, -1)}=${bare.slice(-1)}`]);
		}
	});

	test("last bits that count for nothing", () => {
		const others = [EMPTY, ONE_BLOCK].flatMap((token) =>
			[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
				.map((last) => token.replace(/.(=+)$/, `${last}$1`))
				.filter((other) => other !== token && rawOf(other).equals(rawOf(token))),
		);
		// Four unused bits before "==", two before "=".
		expect(others).toHaveLength(15 + 3);
		expectRefused(others);
	});

	test("the standard alphabet", () => {
		expect(EMPTY).toMatch(/-.*_|_.*-/);
		const plus = EMPTY.replaceAll("-", "+");
		expectRefused([plus, EMPTY.replaceAll("_", "/"), plus.replaceAll("_", "/")]);
	});

	test("white space and other characters, put in anywhere or in place of any", () => {
		const strangers = [..." \t\n\v\f\r\0.%=", "\u00a0", "\u0141", "\u2028", "\ufeff", "😀"];
		for (const token of SPELLINGS) {
			for (let at = 0; at <= token.length; at++) {
				const [before, after] = [token.slice(0, at), token.slice(at)];
				expectRefused(strangers.map((stranger) => before + stranger + after));
				const replaced = strangers.map((stranger) => before + stranger + after.slice(1));
				expectRefused(replaced.filter((other) => other !== token));
			}
		}
	});

	test("anything after the end", () => {
		for (const token of SPELLINGS) {
			expectRefused(["A", "AA", "AAA", "AAAA", "=", "\n", "\0", token].map((more) => token + more));
		}
	});
});

describe("not a token", () => {
	test("cut off anywhere, as text or as bytes", () => {
		for (const token of [EMPTY, SEVERAL]) {
			expectRefused(Array.from(token, (_, end) => token.slice(0, end)));
			expectRefused(Array.from(token, (_, start) => token.slice(start + 1)));
			const raw = rawOf(token);
			expectRefused(Array.from(raw, (_, end) => spell(raw.subarray(0, end))));
		}
	});

	test("any one bit flipped, of its bytes or of its text", () => {
		for (const bytes of [rawOf(EMPTY), Buffer.from(EMPTY, "latin1")]) {
			const whole = bytes.toString("latin1") === EMPTY;
			for (let bit = 0; bit < bytes.length * 8; bit++) {
				const flipped = Buffer.from(bytes);
				flipped[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
				expectRefused([whole ? flipped.toString("latin1") : spell(flipped)]);
			}
		}
	});

	test("the wrong version, rightly signed", () => {
		const head = rawOf(EMPTY).subarray(0, -32);
		expect(signed(head)).toBe(EMPTY);
		for (let version = 0; version < 256; version++) {
			head[0] = version;
			if (version !== 0x80) expectRefused([signed(head)]);
		}
	});

	test("no whole blocks, rightly signed", () => {
		const head = rawOf(ONE_BLOCK).subarray(0, -32);
		for (const length of [0, 1, 15, 17, 31]) expectRefused([signed(head.subarray(0, 25 + length))]);
		for (let length = 0; length < 25; length++) expectRefused([signed(head.subarray(0, length))]);
	});

	test("wrong PKCS7, rightly signed", () => {
		const head = rawOf(ONE_BLOCK).subarray(0, 25);
		const block = (...end: number[]) =>
			Buffer.from([...Buffer.alloc(16 - end.length, "a"), ...end]);
		expect(utf8(fernet.decrypt(signed(Buffer.concat([head, unpadded(block(2, 2))]))))).toHaveLength(
			14,
		);
		const wrong = [block(0), block(17), block(255), block(1, 2), block(3, 2, 3)];
		expectRefused(wrong.map((end) => signed(Buffer.concat([head, unpadded(end)]))));
	});

	test("of another key, or of half this key", () => {
		const half = rawOf(KEY);
		half.set(rawOf(generateKey()).subarray(16), 0);
		for (const key of [generateKey(), spell(half)]) {
			expect(() => new Fernet(key).decrypt(EMPTY)).toThrow(InvalidToken);
		}
	});
});
