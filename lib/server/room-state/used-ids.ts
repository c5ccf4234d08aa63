/** How many ids we remember for one member, at least: more than a client may have in flight. */
const MIN_REMEMBERED = 1024;

/** The hashes of ids, newer and older ones. */
export type UsedIdsJson = readonly [newer: readonly number[], older: readonly number[]];

/** The ids that one member has used, so that a message repeated after a break is said only once. */
export class UsedIds {
	#newer: Set<number> | undefined;
	#older: Set<number> | undefined;

	constructor([newer, older]: UsedIdsJson = [[], []]) {
		if (newer.length > 0) this.#newer = new Set(newer);
		if (older.length > 0) this.#older = new Set(older);
	}

	has(id: string): boolean {
		const hash = hashOf(id);
		return Boolean(this.#newer?.has(hash) || this.#older?.has(hash));
	}

	/**
	 * Remembers an id, or returns false if it was used. Forgets the older half all at once: one by one
	 * would cost more each time.
	 */
	add(id: string): boolean {
		const hash = hashOf(id);
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
}

/**
 * 53 bits for an id: to keep its string for long would cost more than to hash it. We take a new id
 * for one that we remember, and drop its message, less than once in 10^12; on purpose, a member can
 * do that to its own messages alone. XXH64 is the same in every release of the runtime.
 */
const hashOf = (id: string): number => Number(Bun.hash.xxHash64(id));
