/** The next texts of one sender, as bytes. */
export interface Script {
	/** The bytes of the next `count` texts, or of those that are left. */
	take(count: number): Uint8Array;
	/** Bytes taken so far. */
	readonly taken: number;
}

/** Made before the clock starts: each text has bytes of its own. */
export class PreparedScript implements Script {
	readonly #bytes: Buffer;
	readonly #ends: number[] = [0];
	#next = 0;

	constructor(parts: Uint8Array[]) {
		this.#bytes = Buffer.concat(parts);
		for (const part of parts) this.#ends.push((this.#ends.at(-1) ?? 0) + part.length);
	}

	get taken(): number {
		return this.#ends[this.#next] ?? 0;
	}

	take(count: number): Uint8Array {
		const start = this.taken;
		this.#next = Math.min(this.#next + count, this.#ends.length - 1);
		return this.#bytes.subarray(start, this.taken);
	}
}

/** Packed when it is sent, as a client does that has several texts to say at once. */
export class PackedScript implements Script {
	readonly #messages: readonly string[];
	readonly #pack: (messages: readonly string[]) => Uint8Array;
	#next = 0;
	taken = 0;

	constructor(messages: readonly string[], pack: (messages: readonly string[]) => Uint8Array) {
		this.#messages = messages;
		this.#pack = pack;
	}

	take(count: number): Uint8Array {
		const messages = this.#messages.slice(this.#next, this.#next + count);
		this.#next += messages.length;
		if (messages.length === 0) return new Uint8Array();
		const bytes = this.#pack(messages);
		this.taken += bytes.length;
		return bytes;
	}
}
