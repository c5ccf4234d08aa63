import { Inflate } from "fflate/browser";

/** Bytes inflated at once: what inflates without end must not be inflated to its end. */
const STEP = 2048;

export function inflateRaw(bytes: Uint8Array, maxBytes: number): Uint8Array {
	// The package takes nothing at all for a whole stream.
	if (bytes.length === 0) throw new RangeError("This is cut short.");
	const parts: Uint8Array[] = [];
	let size = 0;
	const stream = new Inflate((part) => {
		size += part.length;
		if (size > maxBytes) throw new RangeError(`This inflates to more than ${maxBytes} bytes.`);
		parts.push(part);
	});
	for (let at = 0; at < bytes.length; at += STEP) {
		stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length);
	}
	return joined(parts, size);
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
	if (parts.length === 1 && parts[0]) return parts[0];
	const whole = new Uint8Array(size);
	let end = 0;
	for (const part of parts) {
		whole.set(part, end);
		end += part.length;
	}
	return whole;
}
