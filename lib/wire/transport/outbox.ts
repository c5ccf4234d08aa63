/** What an outbox needs from a socket. `write` takes the bytes it can and returns how many. */
export interface Sink {
	write(bytes: Uint8Array, byteOffset?: number, byteLength?: number): number;
}

/**
 * Bytes on their way to one socket. The runtime's sockets queue nothing, so the outbox keeps what a
 * write leaves until `drain`. The caller bounds `size`: only it knows what a slow peer is due.
 */
export class Outbox {
	/** The number of bytes waiting. */
	size = 0;
	readonly #sink: Sink;
	/** Absent while nothing waits: of thousands of sockets, hardly any is slow. */
	#waiting: Uint8Array[] | undefined;
	/** How many bytes of the first item the socket has taken. */
	#offset = 0;

	constructor(sink: Sink) {
		this.#sink = sink;
	}

	/** The caller must not change `bytes` afterwards, because many outboxes may share them. */
	write(bytes: Uint8Array): void {
		const taken = this.#waiting ? 0 : this.#writeNow(bytes, 0);
		if (taken === bytes.length) return;
		if (!this.#waiting) this.#offset = taken;
		this.#waiting ??= [];
		this.#waiting.push(bytes);
		this.size += bytes.length - taken;
	}

	/** Call when the socket can take more. */
	drain(): void {
		let done = 0;
		for (const bytes of this.#waiting ?? []) {
			const taken = this.#writeNow(bytes, this.#offset);
			this.size -= taken;
			this.#offset += taken;
			if (this.#offset < bytes.length) break;
			this.#offset = 0;
			done++;
		}
		this.#keep(this.#waiting?.slice(done));
	}

	/** Drops what `isKept` rejects, but never the rest of an item that is already partly sent. */
	discard(isKept: (bytes: Uint8Array) => boolean): void {
		if (!this.#waiting) return;
		const kept = this.#waiting.filter(
			(bytes, index) => (index === 0 && this.#offset > 0) || isKept(bytes),
		);
		const whole = kept.reduce((sum, bytes) => sum + bytes.length, 0);
		this.size = whole - this.#offset;
		this.#keep(kept);
	}

	#keep(waiting: Uint8Array[] | undefined): void {
		this.#waiting = waiting?.length ? waiting : undefined;
	}

	/** A closed socket returns -1: it took nothing. */
	#writeNow(bytes: Uint8Array, offset: number): number {
		return Math.max(0, this.#sink.write(bytes, offset, bytes.length - offset));
	}
}
