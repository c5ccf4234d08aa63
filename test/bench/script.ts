import type { Packing } from "./contenders/contender.ts";

/** The next texts of one sender, as bytes. */
export interface Script {
	/** The bytes of the next `count` texts, or of those that are left. */
	take(count: number): Uint8Array;
	/** Bytes taken so far. */
	readonly taken: number;
}

/** Made before the clock starts: each text has bytes of its own. */
export class PreparedScript implements Script {
	/** One buffer, because so many small ones would keep the garbage collector busy. */
	readonly #bytes: Buffer;
	readonly #ends: number[] = [0];
	#next = 0;

	constructor(parts: readonly Uint8Array[]) {
		this.#bytes = Buffer.concat(parts);
		for (const part of parts) this.#ends.push((this.#ends.at(-1) ?? 0) + part.length);
	}

	get taken(): number {
		return this.#ends[this.#next] ?? 0;
	}

	take(count: number): Buffer {
		const start = this.taken;
		this.#next = Math.min(this.#next + count, this.#ends.length - 1);
		return this.#bytes.subarray(start, this.taken);
	}
}

/** Packed when it is sent, as a client does that has several texts to say at once. */
export class PackedScript implements Script {
	readonly #messages: PreparedScript;
	readonly #packing: Packing;
	readonly #sender: number;
	taken = 0;

	constructor(messages: PreparedScript, packing: Packing, sender: number) {
		this.#messages = messages;
		this.#packing = packing;
		this.#sender = sender;
	}

	take(count: number): Buffer {
		const { most, pack } = this.#packing;
		const parts: Uint8Array[] = [];
		for (let left = count; left > 0; left -= most) {
			const messages = this.#messages.take(Math.min(left, most));
			if (messages.length > 0) parts.push(pack(this.#sender, messages));
		}
		const bytes = Buffer.concat(parts);
		this.taken += bytes.length;
		return bytes;
	}
}
