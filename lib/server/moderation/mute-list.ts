/** Accounts that may be muted at once. */
const MAX_MUTES = 10_000;

/**
 * Whose words are not passed on. By account, so that it holds for whoever comes back under another
 * name; each with the name it was muted under, by which an owner knows somebody who has left.
 */
export class MuteList {
	readonly #names = new Map<string, string>();

	get isFull(): boolean {
		return this.#names.size >= MAX_MUTES;
	}

	has(account: string): boolean {
		return this.#names.has(account);
	}

	add(account: string, name: string): void {
		this.#names.set(account, name);
	}

	/** Gives the name it was muted under, or null for one that is not muted. */
	delete(account: string): string | null {
		const name = this.#names.get(account) ?? null;
		this.#names.delete(account);
		return name;
	}

	/** Who was muted under a name, in upper case or lower: of several the last; or null. */
	findAccount(name: string): string | null {
		const wanted = name.toLowerCase();
		const found = [...this.#names].findLast(([, each]) => each.toLowerCase() === wanted);
		return found?.[0] ?? null;
	}
}
