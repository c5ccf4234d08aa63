import { cbc } from "@noble/ciphers/aes.js";
import { equalBytes } from "@noble/ciphers/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { InvalidKey, InvalidToken, isInTime } from "./fernet-rules.ts";

// Fernet for a page, where `#fernet` stands for this file: browsers have no synchronous AES, and an
// asynchronous one would need a second Channel. The layout is explained in fernet.ts.
const VERSION = 0x80;
const TIME_AT = 1;
const IV_AT = 9;
const BODY_AT = 25;
const MAC_BYTES = 32;
const BLOCK = 16;

const BASE64URL = { alphabet: "base64url" } as const;
const STRICT = { ...BASE64URL, lastChunkHandling: "strict" } as const;
const utf8 = new TextEncoder();

/** Bytes in padded base64url; null for any other text or spelling. */
function decode(text: string): Uint8Array<ArrayBuffer> | null {
	try {
		const bytes = Uint8Array.fromBase64(text, STRICT);
		// The decoder skips white space.
		return Math.ceil(bytes.length / 3) * 4 === text.length ? bytes : null;
	} catch {
		return null;
	}
}

const seconds = (): number => Math.floor(Date.now() / 1000);

export function generateKey(): string {
	return crypto.getRandomValues(new Uint8Array(32)).toBase64(BASE64URL);
}

export class Fernet {
	readonly #mac: ReturnType<typeof hmac.create>;
	readonly #cipherKey: Uint8Array;

	constructor(key: string) {
		const bytes = decode(key);
		if (bytes?.length !== 32) throw new InvalidKey();
		this.#mac = hmac.create(sha256, bytes.subarray(0, BLOCK));
		this.#cipherKey = bytes.slice(BLOCK);
	}

	encrypt(data: string | Uint8Array, options: { now?: number } = {}): string {
		const plain = typeof data === "string" ? utf8.encode(data) : data;
		const iv = crypto.getRandomValues(new Uint8Array(BLOCK));
		const body = cbc(this.#cipherKey, iv).encrypt(plain);
		const token = new Uint8Array(BODY_AT + body.length + MAC_BYTES);
		token[0] = VERSION;
		new DataView(token.buffer).setBigUint64(TIME_AT, BigInt(options.now ?? seconds()));
		token.set(iv, IV_AT);
		token.set(body, BODY_AT);
		token.set(this.#macOf(token.subarray(0, -MAC_BYTES)), token.length - MAC_BYTES);
		return token.toBase64(BASE64URL);
	}

	decrypt(text: string, options: { ttl?: number; now?: number } = {}): Uint8Array {
		const token = decode(text);
		if (token?.[0] !== VERSION) throw new InvalidToken();
		const body = token.subarray(BODY_AT, -MAC_BYTES);
		if (body.length === 0 || body.length % BLOCK !== 0) throw new InvalidToken();
		// Trust nothing in a token, not even its time, before its MAC is verified.
		const mac = this.#macOf(token.subarray(0, -MAC_BYTES));
		if (!equalBytes(mac, token.subarray(-MAC_BYTES))) throw new InvalidToken();
		const madeAt = (): number => Number(new DataView(token.buffer).getBigUint64(TIME_AT));
		if (options.ttl !== undefined && !isInTime(madeAt(), options.ttl, options.now ?? seconds())) {
			throw new InvalidToken();
		}
		try {
			return cbc(this.#cipherKey, token.subarray(IV_AT, BODY_AT)).decrypt(body);
		} catch {
			// Wrong padding under a right MAC.
			throw new InvalidToken();
		}
	}

	#macOf(bytes: Uint8Array): Uint8Array {
		return this.#mac.clone().update(bytes).digest();
	}
}
