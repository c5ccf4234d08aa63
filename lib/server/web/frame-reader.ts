import { ProtocolError, reason } from "../../wire/errors/reason.ts";
import type { FramingPeer } from "../net/framing.ts";
import {
	CLOSE,
	FIN,
	frame,
	LENGTH_16,
	LENGTH_64,
	MAX_CONTROL,
	PING,
	PONG,
	TEXT,
} from "./frames.ts";

const CONTINUATION = 0x0;
const FIRST_CONTROL = CLOSE;
const RESERVED = 0x70;
const MASKED = 0x80;
/** Bytes before the payload, with the longest length and the mask. */
const MAX_HEAD = 14;
const MASK = 4;
const FIRST_HOLD = 512;
const NOTHING = Buffer.alloc(0);

/** A frame whose payload is arriving. */
interface Frame {
	readonly opcode: number;
	readonly isLast: boolean;
	readonly mask: Uint8Array;
	readonly length: number;
	/** How many bytes of the payload have arrived. */
	at: number;
}

/**
 * Reads a browser's frames: each text message is a line. Like LineReader it never keeps more than
 * `limit` bytes of a line. What RFC 6455 forbids, a message of bytes, and one with a newline in it
 * count as a line that nothing can be made of, so that the session says what it says of any such.
 */
export class FrameReader {
	/** Bytes a line may have; may change as the peer earns more trust. */
	limit: number;
	readonly #head = Buffer.alloc(MAX_HEAD);
	#headSize = 0;
	#frame: Frame | undefined;
	/** The payload of a control frame, which may come between two frames of a message. */
	#control = NOTHING;
	/** The start of a message. */
	#held = NOTHING;
	#size = 0;
	/** A message has begun, and its last frame has not. */
	#isContinued = false;
	/** What follows is no frame, or nobody's. */
	#isOver = false;

	constructor(limit: number) {
		this.limit = limit;
	}

	/** As Framing's `read`. */
	push(chunk: Buffer, peer: FramingPeer): Buffer | null {
		let at = 0;
		while (at < chunk.length && !this.#isOver) {
			if (!this.#frame) {
				at = this.#readHead(chunk, at);
				if (this.#isOver) peer.take("");
				if (!this.#frame) continue;
			}
			const part = chunk.subarray(at, at + this.#frame.length - this.#frame.at);
			at += part.length;
			unmask(part, this.#frame);
			if (this.#frame.at < this.#frame.length) this.#hold(part, this.#frame);
			else if (!this.#finish(part, this.#frame, peer)) {
				return at < chunk.length ? chunk.subarray(at) : null;
			}
		}
		return null;
	}

	/** Returns where it stopped: behind a whole head, or at the chunk's end. */
	#readHead(chunk: Buffer, start: number): number {
		let at = start;
		while (at < chunk.length) {
			this.#head[this.#headSize++] = chunk[at++] ?? 0;
			const size = headSize(this.#head[1] ?? 0);
			if (this.#headSize < 2 || this.#headSize < size) continue;
			this.#headSize = 0;
			this.#begin(this.#head.subarray(0, size));
			return at;
		}
		return at;
	}

	#begin(head: Buffer): void {
		const [first = 0, second = 0] = head;
		const opcode = first & 0x0f;
		const isLast = (first & FIN) !== 0;
		const length = payloadLength(head);
		const isAllowed =
			opcode >= FIRST_CONTROL
				? opcode <= PONG && isLast && length <= MAX_CONTROL
				: opcode === (this.#isContinued ? CONTINUATION : TEXT);
		if ((first & RESERVED) !== 0 || (second & MASKED) === 0 || !isAllowed) {
			this.#isOver = true;
			return;
		}
		if (opcode < FIRST_CONTROL) {
			if (this.#size + length > this.limit) {
				throw new ProtocolError(reason("line_too_long", this.limit));
			}
			this.#isContinued = !isLast;
		}
		this.#frame = { opcode, isLast, mask: Uint8Array.from(head.subarray(-MASK)), length, at: 0 };
	}

	#finish(part: Buffer, ended: Frame, peer: FramingPeer): boolean {
		this.#frame = undefined;
		const { opcode, isLast } = ended;
		if (opcode < FIRST_CONTROL) {
			if (isLast && this.#size === 0) return peer.take(part.toString("latin1"));
			this.#hold(part, ended);
			if (!isLast) return true;
			const line = this.#held.toString("latin1", 0, this.#size);
			this.#size = 0;
			return peer.take(line);
		}
		const payload = Buffer.concat([this.#control, part]);
		this.#control = NOTHING;
		if (opcode === PING) return peer.reply(frame(PONG, payload));
		if (opcode === PONG) return true;
		this.#isOver = true;
		peer.onEnd();
		return false;
	}

	#hold(part: Buffer, { opcode }: Frame): void {
		if (opcode >= FIRST_CONTROL) {
			this.#control = Buffer.concat([this.#control, part]);
			return;
		}
		const size = this.#size + part.length;
		if (size > this.#held.length) {
			const larger = Buffer.alloc(Math.max(size, this.#held.length * 2, FIRST_HOLD));
			this.#held.copy(larger, 0, 0, this.#size);
			this.#held = larger;
		}
		part.copy(this.#held, this.#size);
		this.#size = size;
	}
}

/** Bytes of a frame's head, from its second one. */
function headSize(second: number): number {
	const length = second & 0x7f;
	return 2 + (length === LENGTH_16 ? 2 : length === LENGTH_64 ? 8 : 0) + MASK;
}

/** A length beyond what a number holds exactly is beyond every limit, too. */
function payloadLength(head: Buffer): number {
	const length = (head[1] ?? 0) & 0x7f;
	if (length === LENGTH_16) return head.readUInt16BE(2);
	return length === LENGTH_64 ? Number(head.readBigUInt64BE(2)) : length;
}

/** In place: nobody else reads these bytes. */
function unmask(part: Buffer, frame: Frame): void {
	const { mask, at } = frame;
	for (let i = 0; i < part.length; i++) part[i] = (part[i] ?? 0) ^ (mask[(at + i) & 3] ?? 0);
	frame.at += part.length;
}
