import { ProtocolError, reason } from "../errors/reason.ts";

const NEWLINE = 0x0a;
const FIRST_HOLD = 512;
/** Shared by every reader that holds nothing: even a buffer of no bytes is an object. */
const NOTHING = Buffer.alloc(0);

/**
 * Cuts a stream of bytes into lines of ASCII. It keeps the start of an unfinished line, but never
 * more than `limit` bytes: a peer that sends no newline gets an error, not our memory.
 */
export class LineReader {
	/** Bytes a line may have, without its newline; may change as the peer earns more trust. */
	limit: number;
	/** One buffer that doubles: as chunks, bytes sent one by one would cost an object each. */
	#held = NOTHING;
	#size = 0;

	constructor(limit: number) {
		this.limit = limit;
	}

	/**
	 * Passes each complete line to `take`, in order, until `take` returns false. Returns the bytes
	 * behind that line, or null. Throws ProtocolError beyond the limit.
	 */
	push(chunk: Buffer, take: (line: string) => unknown): Buffer | null {
		let start = 0;
		for (;;) {
			const end = chunk.indexOf(NEWLINE, start);
			const stop = end === -1 ? chunk.length : end;
			if (this.#size + stop - start > this.limit) {
				throw new ProtocolError(reason("line_too_long", this.limit));
			}
			if (end === -1) break;
			const isLast = take(this.#finish(chunk, start, end)) === false;
			start = end + 1;
			if (isLast) return start < chunk.length ? chunk.subarray(start) : null;
		}
		if (start < chunk.length) this.#hold(chunk.subarray(start));
		return null;
	}

	#finish(chunk: Buffer, start: number, end: number): string {
		if (this.#size === 0) return chunk.toString("latin1", start, end);
		this.#hold(chunk.subarray(start, end));
		const line = this.#held.toString("latin1", 0, this.#size);
		this.#size = 0;
		return line;
	}

	#hold(bytes: Buffer): void {
		const size = this.#size + bytes.length;
		if (size > this.#held.length) {
			const larger = Buffer.alloc(Math.max(size, this.#held.length * 2, FIRST_HOLD));
			this.#held.copy(larger, 0, 0, this.#size);
			this.#held = larger;
		}
		bytes.copy(this.#held, this.#size);
		this.#size = size;
	}
}
