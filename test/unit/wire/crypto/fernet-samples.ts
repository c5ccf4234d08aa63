import { expect } from "bun:test";
import { createCipheriv, createHmac } from "node:crypto";
import { Fernet } from "../../../../lib/wire/crypto/fernet.ts";
import { requirePython } from "../../../support/python.ts";

export const RUNS = Number(process.env.TEST_RUNS ?? 100);
export const KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
export const NOW = 499_162_800;
export const fernet = new Fernet(KEY);
export const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
export const rawOf = (token: string): Buffer => Buffer.from(token, "base64url");
export const spell = (raw: Uint8Array): string => raw.toBase64({ alphabet: "base64url" });

// Cases beyond the specification's vectors, made by Python's cryptography. Their bytes leave
// 1, 2 and 0 over a multiple of 3, so that the tokens end in "==", "=" and nothing.
export const EMPTY =
	"gAAAAAAdwJ6w__79_Pv6-fj39vX08_Lx8EjJxaDy5eoi6rHugkiJA0VMjWrUFtZLEo1ACs03wtWBPH7xOEmJBS-4dPAsLN3GfQ==";
export const ONE_BLOCK =
	"gAAAAAAdwJ6w__79_Pv6-fj39vX08_Lx8El1JoKZNXkn4pKRl-dlOzehhZ7V3vu1GH4sPQkWcEvxStTS74E5fAiwqruvIfg-e-gls2KVVmicI5LSaYwerVo=";
export const SEVERAL =
	"gAAAAAAAAAABiJmqu8zd7v8AESIzRFVmd1XSZK1Rj5vTUDxzotySTYs4IfEGgKr35oOQkr6XHPemJ67DUmnXQ_54TLwdzd1iaR92Tr4v18pvXb1tWky2mguqdzqYUgZa7pyQj5X_4B_G";

/** A token with the right MAC over any bytes. */
export function signed(head: Uint8Array, key = KEY): string {
	const signingKey = rawOf(key).subarray(0, 16);
	return spell(Buffer.concat([head, createHmac("sha256", signingKey).update(head).digest()]));
}

/** The only token that the specification allows for these values. */
export function specified(
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

/** No caller chooses an IV, so this takes it from the token and computes the expected one. */
export function expectAsSpecified(key: string, data: string | Uint8Array, now: number): void {
	const token = new Fernet(key).encrypt(data, { now });
	expect(specified(key, data, now, rawOf(token).subarray(9, 25))).toBe(token);
}

/** Handles many cases in one process: opens our tokens, makes some, judges the time limits. */
const SCRIPT = `
import base64, json, sys
from cryptography.fernet import Fernet, InvalidToken
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

interface Answer {
	opened: string[];
	made: string[];
	timely: boolean[];
}

/** What Python's cryptography makes of many cases. */
export function askPython(given: object): Answer {
	const stdin = Buffer.from(JSON.stringify(given));
	const { stdout, stderr, exitCode } = Bun.spawnSync([requirePython(), "-c", SCRIPT], { stdin });
	if (exitCode !== 0) throw new Error(stderr.toString());
	return JSON.parse(stdout.toString());
}
