interface Entry<V> {
	readonly value: V;
	readonly expiresAt: number;
}

/**
 * A map that strangers may fill: each entry expires, and beyond `maxEntries` the map drops the one
 * that was set longest ago. The caller's clock gives the times, in milliseconds; there is no timer.
 */
export class ExpiringMap<K, V> {
	readonly #maxEntries: number;
	readonly #lifetime: number;
	/** In the order they were set, oldest first. */
	readonly #entries = new Map<K, Entry<V>>();

	/** `lifetime` is in milliseconds, counts from an entry's last `set`, and may be Infinity. */
	constructor(maxEntries: number, lifetime: number) {
		this.#maxEntries = maxEntries;
		this.#lifetime = lifetime;
	}

	/** The number of entries in memory, some of them perhaps expired. */
	get size(): number {
		return this.#entries.size;
	}

	get(key: K, now: number): V | undefined {
		const entry = this.#entries.get(key);
		return entry && entry.expiresAt > now ? entry.value : undefined;
	}

	/** Starts the entry's lifetime anew. Drops the entries that expired or exceed `maxEntries`. */
	set(key: K, value: V, now: number): void {
		this.#entries.delete(key);
		this.#entries.set(key, { value, expiresAt: now + this.#lifetime });
		this.#dropExpired(now);
		const [oldest] = this.#entries.keys();
		if (oldest !== undefined && this.#entries.size > this.#maxEntries) this.#entries.delete(oldest);
	}

	#dropExpired(now: number): void {
		for (const [oldest, { expiresAt }] of this.#entries) {
			if (expiresAt > now) break;
			this.#entries.delete(oldest);
		}
	}

	/** Milliseconds until another key can be set without dropping an entry that has not expired. */
	waitForRoom(now: number): number {
		this.#dropExpired(now);
		const [oldest] = this.#entries.values();
		return oldest && this.#entries.size >= this.#maxEntries ? oldest.expiresAt - now : 0;
	}

	delete(key: K): void {
		this.#entries.delete(key);
	}
}
