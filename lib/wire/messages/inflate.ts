/** Inflates raw deflate (RFC 1951). Throws if it is damaged, or inflates to more than `maxBytes`. */
export function inflateRaw(bytes: Uint8Array, maxBytes: number): Uint8Array {
	// Loaded here, so that programs start sooner: no server inflates, and a client only large batches.
	const { inflateRawSync } = process.getBuiltinModule("node:zlib");
	return inflateRawSync(bytes, { maxOutputLength: maxBytes });
}
