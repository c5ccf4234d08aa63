import { isSessionLine } from "../../wire/transport/server-line.ts";
import type { Framing, FramingPeer } from "../net/framing.ts";
import { FrameReader } from "./frame-reader.ts";
import { CLOSE, frame, payloadStart, TEXT } from "./frames.ts";

// Written by hand, because no library's WebSocket takes a socket of `Bun.listen`, and that of
// `Bun.serve` accepts connections without a bound, cannot stop reading, and forgets a socket that it
// closes while its peer still holds it. Frames are never compressed: what shrinks beside a secret
// tells about it by its length, and tokens hardly shrink.

const NEWLINE = 0x0a;
/** "Normal closure": why is said in the line before. */
const GOODBYE = frame(CLOSE, Uint8Array.of(0x03, 0xe8));

/** Makes frames of lines, and makes one for all of a line that many connections send. */
export class FrameEncoder {
	#line: Buffer | undefined;
	#frame: Buffer | undefined;

	encode(lines: Buffer): Buffer {
		if (lines === this.#line && this.#frame) return this.#frame;
		const made = frames(lines);
		// A line under a session key is for one alone, and may come between two of the same for all.
		if (isSessionLine(lines)) return made;
		this.#line = lines;
		this.#frame = made;
		return made;
	}
}

/** One frame for each line, without its newline. */
function frames(lines: Buffer): Buffer {
	const made: Buffer[] = [];
	for (let start = 0; start < lines.length; ) {
		const end = lines.indexOf(NEWLINE, start);
		made.push(frame(TEXT, lines.subarray(start, end)));
		start = end + 1;
	}
	const [first, second] = made;
	return first && !second ? first : Buffer.concat(made);
}

/** Each line is a text message of a WebSocket. */
export class WebSocketFraming implements Framing {
	readonly goodbye = GOODBYE;
	readonly #encoder: FrameEncoder;
	readonly #reader: FrameReader;

	constructor(encoder: FrameEncoder, limit: number) {
		this.#encoder = encoder;
		this.#reader = new FrameReader(limit);
	}

	set limit(bytes: number) {
		this.#reader.limit = bytes;
	}

	read(chunk: Buffer, peer: FramingPeer): Buffer | null {
		return this.#reader.push(chunk, peer);
	}

	encode(lines: Buffer): Buffer {
		return this.#encoder.encode(lines);
	}

	isSessionLine(bytes: Uint8Array): boolean {
		return isSessionLine(bytes.subarray(payloadStart(bytes)));
	}
}
