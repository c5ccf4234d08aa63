// Frames of RFC 6455, as far as both directions need them.

export const TEXT = 0x1;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** The bit of a message's last frame. */
export const FIN = 0x80;
/** Bytes that a frame for a purpose of the protocol itself may hold. */
export const MAX_CONTROL = 125;
/** Instead of a length: it follows in two bytes, or in eight. */
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;

/** A whole frame from the server, which masks nothing. */
export function frame(opcode: number, payload: Uint8Array): Buffer {
	const { length } = payload;
	const start = length <= MAX_CONTROL ? 2 : length < 0x1_0000 ? 4 : 10;
	const bytes = Buffer.allocUnsafeSlow(start + length);
	bytes[0] = FIN | opcode;
	if (start === 2) bytes[1] = length;
	else if (start === 4) {
		bytes[1] = LENGTH_16;
		bytes.writeUInt16BE(length, 2);
	} else {
		bytes[1] = LENGTH_64;
		bytes.writeBigUInt64BE(BigInt(length), 2);
	}
	bytes.set(payload, start);
	return bytes;
}

/** Where the payload of a frame from the server begins. */
export function payloadStart(bytes: Uint8Array): number {
	return bytes[1] === LENGTH_16 ? 4 : bytes[1] === LENGTH_64 ? 10 : 2;
}
