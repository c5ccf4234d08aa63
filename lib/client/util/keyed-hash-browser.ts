import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

export function createKeyedHash(): (text: string) => string {
	const key = crypto.getRandomValues(new Uint8Array(32));
	return (text) => hmac(sha256, key, new TextEncoder().encode(text)).toHex();
}
