import type { Member } from "./member.ts";

/** Accounts that can be muted at once. */
export const MAX_MUTES = 10_000;

/** The member that was muted, as everybody knew it. */
type Visit = Pick<Member, "name" | "visit">;

export type MuteListJson = readonly (readonly [account: string, visit: Visit])[];

/**
 * The accounts that nobody hears. Each stays muted if its member comes back under another name, and
 * keeps the name it was muted under, by which an owner knows somebody who has left.
 */
export class MuteList {
	readonly #visits: Map<string, Visit>;

	constructor(json: MuteListJson = []) {
		this.#visits = new Map(json);
	}

	toJSON(): MuteListJson {
		return [...this.#visits];
	}

	get isFull(): boolean {
		return this.#visits.size >= MAX_MUTES;
	}

	has(account: string): boolean {
		return this.#visits.has(account);
	}

	add(account: string, visit: Visit): void {
		this.#visits.set(account, visit);
	}

	/** Returns the name that the account was muted under, or null if it is not muted. */
	delete(account: string): string | null {
		const name = this.#visits.get(account)?.name ?? null;
		this.#visits.delete(account);
		return name;
	}

	/**
	 * The account muted under a name, in any case, and in this visit if one is given; of several the
	 * last, of none null.
	 */
	findAccount(name: string, visit: string | undefined): string | null {
		const wanted = name.toLowerCase();
		const found = [...this.#visits].findLast(
			([, each]) =>
				each.name.toLowerCase() === wanted && (visit === undefined || each.visit === visit),
		);
		return found?.[0] ?? null;
	}
}
