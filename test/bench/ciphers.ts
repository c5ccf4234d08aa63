import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import reference from "fernet";
import { Fernet } from "../../lib/wire/crypto/fernet.ts";

/** Bytes of a token before the ciphertext: version, time and IV. */
const HEAD = 25;

export type Way = "encrypt" | "decrypt";

/** One implementation of Fernet. */
export interface Cipher extends AsyncDisposable {
	readonly name: string;
	/** Mean microseconds of one operation, over as many as fit in the time. */
	batch(way: Way, size: number, seconds: number): Promise<number>;
	/** A token of a text of this size, for ours to open; null if it makes no tokens. */
	token(size: number): Promise<string | null>;
}

export const textOfSize = (size: number): string => "x".repeat(size);

function timed(work: () => unknown, seconds: number): number {
	const began = performance.now();
	let count = 0;
	let passed = 0;
	while (passed < seconds * 1000) {
		work();
		count++;
		passed = performance.now() - began;
	}
	return (passed * 1000) / count;
}

/** A cipher in this process; `make` returns its operations for a text of this size. */
function local(name: string, make: (size: number) => Record<Way, () => unknown>): Cipher {
	return {
		name,
		batch: async (way, size, seconds) => timed(make(size)[way], seconds),
		async token(size) {
			const made = make(size).encrypt();
			return typeof made === "string" ? made : null;
		},
		async [Symbol.asyncDispose]() {},
	};
}

export function ours(key: string): Cipher {
	const fernet = new Fernet(key);
	return local("fernet-chat", (size) => {
		const text = textOfSize(size);
		const token = fernet.encrypt(text);
		return { encrypt: () => fernet.encrypt(text), decrypt: () => fernet.decrypt(token) };
	});
}

export function npmFernet(key: string): Cipher {
	const secret = new reference.Secret(key);
	return local("npm fernet", (size) => {
		const text = textOfSize(size);
		const token = new reference.Token({ secret }).encode(text);
		return {
			encrypt: () => new reference.Token({ secret }).encode(text),
			// ttl 0 is the package's "no limit".
			decrypt: () => new reference.Token({ secret, token, ttl: 0 }).decode(),
		};
	});
}

/** Only the runtime's AES-128-CBC and HMAC-SHA256, over as many bytes as a token has. */
export function floor(): Cipher {
	const [macKey, key, iv] = [randomBytes(16), randomBytes(16), randomBytes(16)];
	return local("bare AES + HMAC", (size) => {
		const bytes = Buffer.from(textOfSize(size));
		const cipher = createCipheriv("aes-128-cbc", key, iv);
		const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
		const signed = Buffer.concat([randomBytes(HEAD), body]);
		return {
			encrypt() {
				const cipher = createCipheriv("aes-128-cbc", key, iv);
				const parts = [cipher.update(bytes), cipher.final()];
				return [parts, createHmac("sha256", macKey).update(signed).digest()];
			},
			decrypt() {
				const mac = createHmac("sha256", macKey).update(signed).digest();
				const decipher = createDecipheriv("aes-128-cbc", key, iv);
				return [mac, decipher.update(body), decipher.final()];
			},
		};
	});
}
