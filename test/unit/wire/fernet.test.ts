import { describe, expect, spyOn, test } from "bun:test";
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import reference from "fernet";
import {
	Fernet,
	generateKey,
	InvalidKey,
	InvalidToken,
	selfTest,
} from "../../../lib/wire/fernet.ts";
import generate from "../../fixtures/fernet/generate.json";
import invalid from "../../fixtures/fernet/invalid.json";
import verify from "../../fixtures/fernet/verify.json";

const RUNS = Number(process.env.FERNET_CHAT_RUNS ?? 100);
const KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
const NOW = 499_162_800;
const fernet = new Fernet(KEY);

const seconds = (moment: string): number => Date.parse(moment) / 1000;
const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const rawOf = (token: string): Buffer => Buffer.from(token, "base64url");
const spell = (raw: Uint8Array): string => raw.toBase64({ alphabet: "base64url" });

// What the specification's vectors miss. Python's cryptography made the tokens. Their bytes leave
// 1, 2 and 0 over a multiple of 3, so that between them they end in "==", "=" and nothing.
const EMPTY =
	"gAAAAAAdwJ6w__79_Pv6-fj39vX08_Lx8EjJxaDy5eoi6rHugkiJA0VMjWrUFtZLEo1ACs03wtWBPH7xOEmJBS-4dPAsLN3GfQ==";
const ONE_BLOCK =
	"gAAAAAAdwJ6w__79_Pv6-fj39vX08_Lx8El1JoKZNXkn4pKRl-dlOzehhZ7V3vu1GH4sPQkWcEvxStTS74E5fAiwqruvIfg-e-gls2KVVmicI5LSaYwerVo=";
const SEVERAL =
	"gAAAAAAAAAABiJmqu8zd7v8AESIzRFVmd1XSZK1Rj5vTUDxzotySTYs4IfEGgKr35oOQkr6XHPemJ67DUmnXQ_54TLwdzd1iaR92Tr4v18pvXb1tWky2mguqdzqYUgZa7pyQj5X_4B_G";
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

/** Everything that the refusal of a token shows, or null for one that opens. */
function refusal(token: string, options: { ttl?: number; now?: number } = {}): object | null {
	try {
		fernet.decrypt(token, options);
		return null;
	} catch (error) {
		if (!(error instanceof InvalidToken)) throw error;
		return { ...error, name: error.name, message: error.message, cause: error.cause };
	}
}

/** The one answer to any bad token: every test of one compares with it. */
const OPAQUE = {
	name: "InvalidToken",
	code: "invalid_token",
	message: "not a valid Fernet token under this key",
	cause: undefined,
};

function expectRefused(tokens: Iterable<string>): void {
	for (const token of tokens) expect({ token, ...refusal(token) }).toEqual({ token, ...OPAQUE });
}

/** A token with the right MAC over whatever it is given. */
function signed(head: Uint8Array, key = KEY): string {
	const signingKey = rawOf(key).subarray(0, 16);
	return spell(Buffer.concat([head, createHmac("sha256", signingKey).update(head).digest()]));
}

/** AES-128-CBC without PKCS7, under the key and IV of the one-block token. */
function unpadded(plain: Uint8Array): Buffer {
	const iv = Buffer.from(FROM_255, "hex");
	const cipher = createCipheriv("aes-128-cbc", rawOf(KEY).subarray(16), iv);
	cipher.setAutoPadding(false);
	return Buffer.concat([cipher.update(plain), cipher.final()]);
}

/** The one token that the specification allows of all this. */
function specified(
	key: string,
	data: string | Uint8Array,
	now: number,
	iv: Uint8Array | number[],
): string {
	const cipher = createCipheriv("aes-128-cbc", rawOf(key).subarray(16), Uint8Array.from(iv));
	const time = Buffer.alloc(8);
	time.writeBigUInt64BE(BigInt(now));
	const body = Buffer.concat([cipher.update(Buffer.from(data)), cipher.final()]);
	return signed(Buffer.concat([Buffer.of(0x80), time, Uint8Array.from(iv), body]), key);
}

/** Nobody chooses our IVs, so what a token of ours should have been is worked out from its own. */
function expectAsSpecified(key: string, data: string | Uint8Array, now: number): void {
	const token = new Fernet(key).encrypt(data, { now });
	expect(specified(key, data, now, rawOf(token).subarray(9, 25))).toBe(token);
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
		// Random bytes are drawn 4096 at a time: those of the first draw are all used within 512 tokens.
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

describe("the fernet package", () => {
	const secret = new reference.Secret(KEY);
	// It takes an empty text for none given, so there is no agreement about that one.
	const text = fc.string({ unit: "binary", minLength: 1, maxLength: 200 });

	test("opens ours and we open its, for any text", () => {
		const agree = (said: string): void => {
			// ttl 0 is its word for no limit.
			const theirs = new reference.Token({ secret, token: fernet.encrypt(said), ttl: 0 });
			expect(theirs.decode()).toBe(said);
			expect(utf8(fernet.decrypt(new reference.Token({ secret }).encode(said)))).toBe(said);
		};
		fc.assert(fc.property(text, agree), { numRuns: RUNS });
	});

	test("makes the same token of the same text, time and IV", () => {
		// It takes the indexes of an IV for its values: only this IV means the same to both.
		const iv = Array.from({ length: 16 }, (_, index) => index);
		const agree = (said: string, now: number): void => {
			const time = new Date(now * 1000).toISOString();
			const theirs = new reference.Token({ secret, iv, time }).encode(said);
			expect(specified(KEY, said, now, iv)).toBe(theirs);
			expectAsSpecified(KEY, said, now);
		};
		const property = fc.property(text, fc.integer({ min: 1, max: 2 ** 33 }), agree);
		fc.assert(property, { numRuns: RUNS });
	});

	test("disagreeing with it in either direction fails the self-test", () => {
		expect(selfTest()).toBeUndefined();
		const { encrypt } = Fernet.prototype;
		function encryptOther(this: Fernet): string {
			return encrypt.call(this, "another text");
		}
		const faults = [
			() => spyOn(Fernet.prototype, "encrypt").mockReturnValue(EMPTY),
			() => spyOn(Fernet.prototype, "encrypt").mockImplementation(encryptOther),
			() => spyOn(Fernet.prototype, "decrypt").mockReturnValue(Buffer.from("another text")),
		];
		for (const fault of faults) {
			using _ = fault();
			expect(selfTest).toThrow(expect.objectContaining({ code: "self_test_failed" }));
		}
		expect(selfTest()).toBeUndefined();
	});
});

/** Many cases for one process: opens our tokens, makes some for us, judges the bounds of time. */
const SCRIPT = `
import base64, json, sys
try:
    from cryptography.fernet import Fernet, InvalidToken
except ModuleNotFoundError as error:
    sys.exit(print(json.dumps({"missing": error.name})))
given = json.load(sys.stdin)
fernet = Fernet(given["key"])
def is_timely(now):
    try:
        return fernet.decrypt_at_time(given["tokens"][0], ttl=60, current_time=now) is not None
    except InvalidToken:
        return False
print(json.dumps({
    "opened": [base64.b64encode(fernet.decrypt(token)).decode() for token in given["tokens"]],
    "made": [fernet.encrypt(base64.b64decode(data)).decode() for data in given["data"]],
    "timely": [is_timely(now) for now in given["times"]],
}))
`;
type Answer = { missing: string } | { opened: string[]; made: string[]; timely: boolean[] };

function askPython(given: object): Answer {
	const python = Bun.which("python3");
	if (python === null) return { missing: "python3" };
	const stdin = Buffer.from(JSON.stringify(given));
	const { stdout, stderr, exitCode } = Bun.spawnSync([python, "-c", SCRIPT], { stdin });
	// A Python that has the package and fails is a failure, not an absence.
	if (exitCode !== 0) throw new Error(stderr.toString());
	return JSON.parse(stdout.toString());
}

test("Python's cryptography, where it is installed, opens ours and we open its, for any bytes", () => {
	const cases = fc
		.sample(fc.uint8Array({ maxLength: 300 }), RUNS)
		.map((bytes) => Buffer.from(bytes));
	const data = cases.map((bytes) => bytes.toString("base64"));
	const tokens = cases.map((bytes) => fernet.encrypt(bytes, { now: NOW }));
	const times = [-61, -60, 0, 60, 61].map((later) => NOW + later);
	const answer = askPython({ key: KEY, data, tokens, times });
	if ("missing" in answer) {
		// Its known answers above have been checked all the same.
		console.warn(`not compared with Python's cryptography: ${answer.missing} is not installed`);
		return expect(["python3", "cryptography"]).toContain(answer.missing);
	}
	expect(answer.opened).toEqual(data);
	expect(answer.made.map((token) => Buffer.from(fernet.decrypt(token)))).toEqual(cases);
	expect(answer.timely).toEqual([false, true, true, true, false]);
});

describe("what a key was used for before makes no difference", () => {
	/** A token that passes its MAC, over blocks that are no padded text. */
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
