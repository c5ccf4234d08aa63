interface Entry<V> {
	readonly value: V;
	/** From when on the entry is no more. */
	readonly expiresAt: number;
}

/**
 * A map for what strangers bring: an entry lasts for a while, and beyond a number of entries the one
 * set longest ago goes first. Times are in milliseconds, by a clock of the caller's; there is no timer.
 */
export class ExpiringMap<K, V> {
	readonly #maxEntries: number;
	readonly #lifetime: number;
	/** The one set longest ago comes first. */
	readonly #entries = new Map<K, Entry<V>>();

	/** `lifetime` counts from an entry's last `set`, and may be Infinity. */
	constructor(maxEntries: number, lifetime: number) {
		this.#maxEntries = maxEntries;
		this.#lifetime = lifetime;
	}

	/** Entries in memory, of which some may have expired. */
	get size(): number {
		return this.#entries.size;
	}

	get(key: K, now: number): V | undefined {
		const entry = this.#entries.get(key);
		return entry && entry.expiresAt > now ? entry.value : undefined;
	}

	/** Makes the entry the newest one, and removes what has expired or is too many. */
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
