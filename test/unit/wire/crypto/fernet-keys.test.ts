import { heapStats } from "bun:jsc";
import { describe, expect, spyOn, test } from "bun:test";
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import { Fernet, generateKey } from "../../../../lib/wire/crypto/fernet.ts";
import { InvalidKey, InvalidToken } from "../../../../lib/wire/crypto/fernet-rules.ts";
import { fernet, KEY, RUNS, rawOf, spell, utf8 } from "./fernet-samples.ts";

// Which keys are valid, and that a key remembers nothing of its earlier uses.

describe("keys", () => {
	test.each([
		{ what: "nothing", key: "" },
		{ what: "no padding", key: KEY.slice(0, -1) },
		{ what: "padding too much", key: `${KEY}=` },
		{ what: "the standard alphabet", key: KEY.replace("_", "/") },
		{ what: "last bits that count for nothing", key: KEY.replace("4=", "5=") },
		{ what: "a newline", key: `${KEY}\n` },
		{ what: "a space for a character", key: KEY.replace("x", " ") },
		{ what: "a space and no padding", key: ` ${KEY.slice(0, -1)}` },
		{ what: "31 bytes", key: spell(rawOf(KEY).subarray(1)) },
		{ what: "33 bytes", key: spell(Buffer.concat([rawOf(KEY), Buffer.of(1)])) },
		{ what: "hexadecimal", key: rawOf(KEY).toString("hex") },
		{ what: "other characters", key: "%".repeat(44) },
	])("refused, and not repeated: $what", ({ key }) => {
		try {
			new Fernet(key);
			expect.unreachable();
		} catch (error) {
			expect(error).toBeInstanceOf(InvalidKey);
			expect(error).toMatchObject({
				code: "invalid_key",
				message: expect.stringContaining("32 bytes"),
			});
			if (key !== "") expect(Bun.inspect(error)).not.toContain(key);
		}
	});

	test("generated: well formed and never the same", () => {
		const keys = Array.from({ length: 1000 }, generateKey);
		expect(new Set(keys).size).toBe(keys.length);
		for (const key of keys) expect(key).toMatch(/^[\w-]{43}=$/);
		expect(utf8(new Fernet(keys[0] ?? "").decrypt(new Fernet(keys[0] ?? "").encrypt("x")))).toBe(
			"x",
		);
	});

	test("no IV is used twice, and each is a random block that served no other", () => {
		const draw = crypto.getRandomValues.bind(crypto);
		const drawn: Buffer[] = [];
		using _ = spyOn(crypto, "getRandomValues").mockImplementation((bytes) => {
			const filled = draw(bytes);
			drawn.push(Buffer.from(filled as Uint8Array));
			return filled;
		});
		// Random bytes are drawn 4096 at a time: 512 tokens use up the first draw.
		const ivs = Array.from({ length: 512 }, () =>
			rawOf(new Fernet(KEY).encrypt("x")).subarray(9, 25),
		);
		expect(new Set(ivs.map((iv) => iv.toString("hex"))).size).toBe(ivs.length);
		const raw = createDecipheriv("aes-128-ecb", rawOf(KEY).subarray(16), null);
		const used = raw.setAutoPadding(false).update(Buffer.concat(ivs)).toString("hex");
		expect(drawn[0]?.length).toBe(4096);
		expect(used).toContain(drawn[0]?.toString("hex") ?? "nothing was drawn");
	});
});

describe("what a key was used for before makes no difference", () => {
	/** A token with a valid MAC, over blocks without proper padding. */
	function badlyPadded(key: string): string {
		const bytes = rawOf(key);
		const cipher = createCipheriv("aes-128-cbc", bytes.subarray(16), Buffer.alloc(16, 7));
		const body = cipher.setAutoPadding(false).update(Buffer.alloc(32, 0x41));
		const signed = Buffer.concat([
			rawOf(new Fernet(key).encrypt("")).subarray(0, 9),
			Buffer.alloc(16, 7),
			body,
		]);
		const mac = createHmac("sha256", bytes.subarray(0, 16)).update(signed).digest();
		return spell(Buffer.concat([signed, mac]));
	}

	const step = fc.oneof(
		fc.record({ act: fc.constant("encrypt" as const), data: fc.uint8Array({ maxLength: 100 }) }),
		fc.record({ act: fc.constant("decrypt" as const), data: fc.uint8Array({ maxLength: 100 }) }),
		fc.record({ act: fc.constant("refuse" as const), data: fc.constant(new Uint8Array()) }),
	);

	test("made and opened while a thousand others are in use, and no two with the same IV", () => {
		const keys = Array.from({ length: 1000 }, generateKey);
		const all = keys.map((key) => new Fernet(key));
		const ivs = new Set<string>();
		for (let round = 0; round < 2; round++) {
			const tokens = all.map((used) => used.encrypt("the same"));
			for (const [i, token] of tokens.entries()) {
				ivs.add(rawOf(token).subarray(9, 25).toString("hex"));
				expect(utf8(all[i]?.decrypt(token) ?? new Uint8Array())).toBe("the same");
				expect(utf8(new Fernet(keys[i] ?? "").decrypt(token))).toBe("the same");
				expect(() => all[i]?.decrypt(tokens[i + 1] ?? tokens[0] ?? "")).toThrow(InvalidToken);
			}
		}
		expect(ivs.size).toBe(2 * keys.length);
	});

	test("only the keys used last keep their ciphers, however many there are", () => {
		const all = Array.from({ length: 2000 }, () => new Fernet(generateKey()));
		for (const used of all) used.encrypt("once");
		Bun.gc(true);
		const { Cipher: ciphers = 0 } = heapStats().objectTypeCounts;
		expect(ciphers).toBeGreaterThan(0);
		expect(ciphers).toBeLessThan(all.length / 2);
		expect(all).toHaveLength(2000);
	});

	test("made, opened or refused, in any order", () => {
		const key = generateKey();
		const bad = badlyPadded(key);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
				const used = new Fernet(key);
				for (const { act, data } of steps) {
					if (act === "refuse") expect(() => used.decrypt(bad)).toThrow(InvalidToken);
					else if (act === "encrypt") {
						expect(Buffer.from(new Fernet(key).decrypt(used.encrypt(data)))).toEqual(
							Buffer.from(data),
						);
					} else {
						expect(Buffer.from(used.decrypt(new Fernet(key).encrypt(data)))).toEqual(
							Buffer.from(data),
						);
					}
				}
			}),
			{ numRuns: RUNS },
		);
	});

	test("what was opened stays as it was when the next token is", () => {
		const first = fernet.decrypt(fernet.encrypt("the first"));
		fernet.decrypt(fernet.encrypt("something else"));
		fernet.encrypt("x".repeat(1000));
		expect(utf8(first)).toBe("the first");
	});

	test("long tokens, longer than what is kept for short ones", () => {
		const sizes = [96 * 1024, 131_007, 131_008, 128 * 1024, 1024 * 1024];
		for (const size of sizes) {
			const text = "0123456789abcdef".repeat(Math.ceil(size / 16)).slice(0, size);
			expect(utf8(fernet.decrypt(fernet.encrypt(text)))).toBe(text);
		}
	});
});
