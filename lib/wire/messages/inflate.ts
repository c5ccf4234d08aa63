import { inflateRawSync } from "node:zlib";

/** Inflates raw deflate (RFC 1951). Throws if it is damaged, or inflates to more than `maxBytes`. */
export const inflateRaw = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
	inflateRawSync(bytes, { maxOutputLength: maxBytes });
