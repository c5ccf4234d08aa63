/** Accounts that can be muted at once. */
export const MAX_MUTES = 10_000;

/**
 * The accounts that nobody hears. Each stays muted if its member comes back under another name, and
 * keeps the name it was muted under, by which an owner knows somebody who has left.
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

	/** Returns the name that the account was muted under, or null if it is not muted. */
	delete(account: string): string | null {
		const name = this.#names.get(account) ?? null;
		this.#names.delete(account);
		return name;
	}

	/** The account muted under a name, in any case; of several the last, of none null. */
	findAccount(name: string): string | null {
		const wanted = name.toLowerCase();
		const found = [...this.#names].findLast(([, each]) => each.toLowerCase() === wanted);
		return found?.[0] ?? null;
	}
}
