import { createHmac, randomBytes } from "node:crypto";

/** Makes a hash under a random key that only this process has. */
export function createKeyedHash(): (text: string) => string {
	const key = randomBytes(32);
	return (text) => createHmac("sha256", key).update(text).digest("hex");
}
