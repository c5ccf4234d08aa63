import { inflateSync } from "fflate/browser";

/** Receives what is inflated, and one byte more than that may have. */
let scratch = new Uint8Array(0);

export function inflateRaw(bytes: Uint8Array, maxBytes: number): Uint8Array {
	if (scratch.length <= maxBytes) scratch = new Uint8Array(maxBytes + 1);
	// The package writes nothing beyond the buffer that it is given.
	const inflated = inflateSync(bytes, { out: scratch });
	if (inflated.length > maxBytes)
		throw new RangeError(`This inflates to more than ${maxBytes} bytes.`);
	return inflated.slice();
}
