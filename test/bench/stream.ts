import { claimOf, type Kind, textOf } from "./texts.ts";

/** Reads one whole unit of a server's stream at `start`: its texts and where it ends. */
export type Read = (
	bytes: Buffer,
	start: number,
	stop: number,
) => { texts: string[]; end: number } | null;

/**
 * What members receive in one run. If all receive the same bytes, they share one stream:
 * the member that is furthest extends it, `#check` checks each text, and `hear` compares
 * the bytes of all others with it. This detects missing, changed and reordered texts.
 */
export class Stream {
	/** Bytes so far. */
	length = 0;
	/** For each text, in order: where it ends, its sender, and its number among theirs. */
	readonly ends: number[] = [];
	readonly from: number[] = [];
	readonly nth: number[] = [];
	readonly #read: Read;
	#bytes = Buffer.allocUnsafe(64 * 1024);
	/** How many bytes the reader has read. */
	#done = 0;
	/** The numbers of each sender's first text in this stream, and of its next one. */
	readonly #first: readonly number[];
	readonly #next: number[];

	readonly #kind: Kind;

	constructor(read: Read, first: readonly number[], kind: Kind) {
		this.#read = read;
		this.#kind = kind;
		this.#first = first;
		this.#next = [...first];
	}

	/** Texts so far. */
	get count(): number {
		return this.ends.length;
	}

	/** Takes a chunk from a member, at `offset` in the stream. Throws when it is wrong. */
	hear(offset: number, chunk: Buffer): void {
		const known = Math.min(chunk.length, this.length - offset);
		if (this.#bytes.compare(chunk, 0, known, offset, offset + known) !== 0) {
			throw new Error(`a member heard something else than another, after ${offset} bytes`);
		}
		if (known < chunk.length) this.#extend(chunk.subarray(known));
	}

	#extend(bytes: Buffer): void {
		const length = this.length + bytes.length;
		if (length > this.#bytes.length) {
			const larger = Buffer.allocUnsafe(2 * length);
			this.#bytes.copy(larger, 0, 0, this.length);
			this.#bytes = larger;
		}
		bytes.copy(this.#bytes, this.length);
		this.length = length;
		for (;;) {
			const unit = this.#read(this.#bytes, this.#done, length);
			if (!unit) return;
			for (const text of unit.texts) this.#check(text, unit.end);
			this.#done = unit.end;
		}
	}

	#check(text: string, end: number): void {
		const { from, k } = claimOf(text);
		if (k !== this.#next[from] || text !== textOf(from, k, this.#kind)) {
			throw new Error(
				`heard ${JSON.stringify(text)}, not number ${this.#next[from]} of that sender`,
			);
		}
		this.#next[from] = k + 1;
		this.ends.push(end);
		this.from.push(from);
		this.nth.push(k - (this.#first[from] ?? 0));
	}
}
