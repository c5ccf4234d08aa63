import { createHash } from "node:crypto";

// What a device is given: its id (128 random bits), which stays, and a secret (256), which changes at
// every use. The id tells a secret that was superseded from one that never was.

const ID_BYTES = 16;
const SECRET_BYTES = 32;
const ID_LENGTH = 2 * ID_BYTES;

const random = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes)).toHex();
const hash = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** For a device that is remembered from now on. */
export const newSecret = (): string => random(ID_BYTES + SECRET_BYTES);

/** The next one for the same device. */
export const nextSecret = (secret: string): string =>
	secret.slice(0, ID_LENGTH) + random(SECRET_BYTES);

/** What the server knows the device by: whoever reads it there cannot name the device to us. */
export const deviceId = (secret: string): string => hash(secret.slice(0, ID_LENGTH));

export const secretHash = (secret: string): string => hash(secret);
