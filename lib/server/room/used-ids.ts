/** How many ids we remember for one member, at least: more than a client may have in flight. */
const MIN_REMEMBERED = 1024;

/** The hashes of ids, newer and older ones. */
export type UsedIdsJson = readonly [newer: readonly number[], older: readonly number[]];

/** The ids that one member has used, so that a message repeated after a break is said only once. */
export class UsedIds {
	/** Random in each room, so that nobody can choose two ids with the same hash. */
	readonly #seed: bigint;
	#newer: Set<number> | undefined;
	#older: Set<number> | undefined;

	constructor(seed: number, [newer, older]: UsedIdsJson = [[], []]) {
		this.#seed = BigInt(seed);
		if (newer.length > 0) this.#newer = new Set(newer);
		if (older.length > 0) this.#older = new Set(older);
	}

	has(id: string): boolean {
		const hash = this.#hashOf(id);
		return Boolean(this.#newer?.has(hash) || this.#older?.has(hash));
	}

	/**
	 * Remembers an id, or returns false if it was used. Forgets the older half all at once: one by one
	 * would cost more each time.
	 */
	add(id: string): boolean {
		const hash = this.#hashOf(id);
		this.#newer ??= new Set();
		if (this.#newer.has(hash) || this.#older?.has(hash)) return false;
		this.#newer.add(hash);
		if (this.#newer.size < MIN_REMEMBERED) return true;
		this.#older = this.#newer;
		this.#newer = undefined;
		return true;
	}

	toJSON(): UsedIdsJson {
		return [[...(this.#newer ?? [])], [...(this.#older ?? [])]];
	}

	/**
	 * 53 bits for an id: to keep its string for long would cost more than to hash it. We take a new id
	 * for one that we remember, and drop its message, less than once in 10^12. XXH64 is the same in
	 * every release of the runtime.
	 */
	#hashOf(id: string): number {
		return Number(Bun.hash.xxHash64(id, this.#seed));
	}
}
