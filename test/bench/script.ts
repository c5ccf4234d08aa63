/** The next texts of one sender, made before the clock starts. */
export class Script {
	readonly #bytes: Buffer;
	readonly #ends: number[] = [0];
	#next = 0;

	constructor(parts: Uint8Array[]) {
		this.#bytes = Buffer.concat(parts);
		for (const part of parts) this.#ends.push((this.#ends.at(-1) ?? 0) + part.length);
	}

	/** Bytes of all texts. */
	get length(): number {
		return this.#bytes.length;
	}

	/** The bytes of the next `count` texts, or of those that are left. */
	take(count: number): Buffer {
		const start = this.#ends[this.#next];
		this.#next = Math.min(this.#next + count, this.#ends.length - 1);
		return this.#bytes.subarray(start, this.#ends[this.#next]);
	}
}
