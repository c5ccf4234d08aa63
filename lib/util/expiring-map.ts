interface Entry<V> {
	readonly value: V;
	readonly expiresAt: number;
}

/**
 * A map that strangers may fill: each entry expires, and beyond `maxEntries` the one set longest ago is
 * removed. Times are in milliseconds by the caller's clock; there is no timer.
 */
export class ExpiringMap<K, V> {
	readonly #maxEntries: number;
	readonly #lifetime: number;
	/** Set longest ago first. */
	readonly #entries = new Map<K, Entry<V>>();

	/** `lifetime` counts from an entry's last `set`, and may be Infinity. */
	constructor(maxEntries: number, lifetime: number) {
		this.#maxEntries = maxEntries;
		this.#lifetime = lifetime;
	}

	/** Entries in memory, some of them perhaps expired. */
	get size(): number {
		return this.#entries.size;
	}

	get(key: K, now: number): V | undefined {
		const entry = this.#entries.get(key);
		return entry && entry.expiresAt > now ? entry.value : undefined;
	}

	/** The lifetime begins anew. Removes the oldest entries, those that expired or are too many. */
	set(key: K, value: V, now: number): void {
		this.#entries.delete(key);
		this.#entries.set(key, { value, expiresAt: now + this.#lifetime });
		for (const [oldest, { expiresAt }] of this.#entries) {
			if (expiresAt > now && this.#entries.size <= this.#maxEntries) break;
			this.#entries.delete(oldest);
		}
	}

	delete(key: K): void {
		this.#entries.delete(key);
	}
}
