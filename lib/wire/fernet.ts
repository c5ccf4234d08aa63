import {
	type Cipheriv,
	createCipheriv,
	createDecipheriv,
	type Decipheriv,
	timingSafeEqual,
} from "node:crypto";
import reference from "fernet";
import { ChatError } from "./errors.ts";

// Fernet version 0x80, https://github.com/fernet/spec/blob/master/Spec.md
// token = base64url(version 1 | seconds since 1970, 8 | IV 16 | AES-128-CBC 16k | HMAC-SHA256 32)
const VERSION = 0x80;
const TIME_AT = 1;
const IV_AT = 9;
const BODY_AT = 25;
const MAC_BYTES = 32;
const BLOCK = 16;
const KEY_CHARS = 44;

/** Seconds a token may lie ahead of our clock: the spec names none; other libraries chose 60. */
const MAX_SKEW = 60;

/** One error for whatever is wrong with a token: a reason would help whoever forges them. */
export class InvalidToken extends ChatError {
	constructor() {
		super("invalid_token", "not a valid Fernet token under this key");
	}
}

/** The text given as a key is not 32 bytes in padded base64url. The text itself is not repeated. */
export class InvalidKey extends ChatError {
	constructor() {
		super("invalid_key", `a Fernet key is 32 bytes in base64url, ${KEY_CHARS} characters`);
	}
}

/** Where tokens are taken apart and put together: views of a new buffer cost more than the AES. */
const SCRATCH = Buffer.allocUnsafeSlow(128 * 1024);

const scratch = (size: number): Buffer =>
	size <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(size);

/**
 * The bytes of base64url with padding, one spelling only; null for any other text. They are good
 * until the next token.
 */
function decode(text: string): Buffer | null {
	const bytes = scratch(text.length);
	try {
		const { written } = bytes.setFromBase64(text, {
			alphabet: "base64url",
			lastChunkHandling: "strict",
		});
		// The decoder skips white space; a text of the exact length cannot hold any.
		return text.length === Math.ceil(written / 3) * 4 ? bytes.subarray(0, written) : null;
	} catch {
		return null;
	}
}

const encode = (bytes: Uint8Array): string => bytes.toBase64({ alphabet: "base64url" });

const seconds = (): number => Math.floor(Date.now() / 1000);

/** A fresh key: 32 random bytes, 44 characters of base64url. */
export function generateKey(): string {
	return encode(crypto.getRandomValues(new Uint8Array(32)));
}

/** One key's tokens. Times are whole seconds since 1970. */
export class Fernet {
	// Each is set up once and used for every token: setting one up costs more than a short token.
	readonly #cipher: Cipheriv;
	readonly #decipher: Decipheriv;
	readonly #hmac: Bun.CryptoHasher;
	/** The cipher's last block. CBC adds it to the next one, as it does a token's IV to the first. */
	readonly #chain = new Uint8Array(BLOCK);

	/** Throws InvalidKey. */
	constructor(key: string) {
		const bytes = key.length === KEY_CHARS ? decode(key) : null;
		if (bytes?.length !== 32) throw new InvalidKey();
		this.#hmac = new Bun.CryptoHasher("sha256", bytes.subarray(0, 16));
		const cipherKey = bytes.subarray(16);
		this.#cipher = createCipheriv("aes-128-cbc", cipherKey, this.#chain).setAutoPadding(false);
		this.#decipher = createDecipheriv("aes-128-cbc", cipherKey, this.#chain).setAutoPadding(false);
	}

	/** A token over `data`. `now` and the 16-byte `iv` are for test vectors; never reuse an IV. */
	encrypt(data: string | Uint8Array, options: { now?: number; iv?: Uint8Array } = {}): string {
		const { now = seconds(), iv = crypto.getRandomValues(new Uint8Array(BLOCK)) } = options;
		const size = typeof data === "string" ? Buffer.byteLength(data) : data.length;
		const padding = BLOCK - (size % BLOCK);
		const macAt = BODY_AT + size + padding;
		const token = scratch(macAt + MAC_BYTES);
		token[0] = VERSION;
		token.writeBigUInt64BE(BigInt(now), TIME_AT);
		token.set(iv, IV_AT);
		if (typeof data === "string") token.write(data, BODY_AT);
		else token.set(data, BODY_AT);
		token.fill(padding, BODY_AT + size, macAt);
		this.#encryptInPlace(token.subarray(BODY_AT, macAt), iv);
		token.set(this.#mac(token.subarray(0, macAt)), macAt);
		return encode(token.subarray(0, macAt + MAC_BYTES));
	}

	/**
	 * The bytes a token holds, or InvalidToken. With `ttl`, one older than that, or more than 60 s
	 * ahead of `now`, is invalid; one aged exactly `ttl` is not. Without, its time is not looked at.
	 */
	decrypt(token: string, options: { ttl?: number; now?: number } = {}): Buffer {
		const bytes = decode(token);
		if (bytes === null || bytes[0] !== VERSION) throw new InvalidToken();
		const macAt = bytes.length - MAC_BYTES;
		const bodyLength = macAt - BODY_AT;
		if (bodyLength < BLOCK || bodyLength % BLOCK !== 0) throw new InvalidToken();
		// Nothing in a token, its time included, counts for anything until its MAC has passed.
		if (!timingSafeEqual(this.#mac(bytes.subarray(0, macAt)), bytes.subarray(macAt))) {
			throw new InvalidToken();
		}
		if (options.ttl !== undefined) {
			const age = (options.now ?? seconds()) - Number(bytes.readBigUInt64BE(TIME_AT));
			if (age > options.ttl || age < -MAX_SKEW) throw new InvalidToken();
		}
		// CBC takes each block's chain from the one before: with the IV as a first block, whatever the
		// decipher did last spoils that one alone.
		return withoutPadding(this.#decipher.update(bytes.subarray(IV_AT, macAt)).subarray(BLOCK));
	}

	/** When a token says it was made. Meaningful only for one that `decrypt` has accepted. */
	static issuedAt(token: string): number {
		return Number(Buffer.from(token.slice(0, 12), "base64url").readBigUInt64BE(TIME_AT));
	}

	/** Encrypts whole blocks as if the cipher began with `iv`: what it adds instead is taken out. */
	#encryptInPlace(body: Buffer, iv: Uint8Array): void {
		for (let i = 0; i < BLOCK; i++) {
			body[i] = (body[i] ?? 0) ^ (iv[i] ?? 0) ^ (this.#chain[i] ?? 0);
		}
		body.set(this.#cipher.update(body));
		this.#chain.set(body.subarray(-BLOCK));
	}

	#mac(bytes: Uint8Array): Buffer {
		return this.#hmac.copy().update(bytes).digest();
	}
}

/** PKCS7, of one block or more: the last byte counts those of padding, and all of them are the same. */
function withoutPadding(padded: Buffer): Buffer {
	const padding = padded.at(-1) ?? 0;
	if (padding < 1 || padding > BLOCK) throw new InvalidToken();
	const size = padded.length - padding;
	for (let i = size; i < padded.length; i++) if (padded[i] !== padding) throw new InvalidToken();
	return padded.subarray(0, size);
}

/**
 * Checks that this engine and the `fernet` package open each other's tokens. Throws ChatError
 * `self_test_failed`: a program that disagrees with the rest of the world must not start.
 */
export function selfTest(): void {
	const key = generateKey();
	const ours = new Fernet(key);
	const secret = new reference.Secret(key);
	const text = "fernet-chat ✓";
	try {
		const theirs = new reference.Token({ secret }).encode(text);
		if (Buffer.from(ours.decrypt(theirs)).toString() !== text) throw new InvalidToken();
		// ttl 0 is the package's "no limit"; left out, it would be 60 s.
		const opened = new reference.Token({ secret, token: ours.encrypt(text), ttl: 0 }).decode();
		if (opened !== text) throw new InvalidToken();
	} catch (cause) {
		const sentence = "our Fernet tokens and the fernet package's do not open each other";
		throw new ChatError("self_test_failed", sentence, { cause });
	}
}
