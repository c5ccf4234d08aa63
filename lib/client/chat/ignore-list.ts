import { confusableKey } from "../../util/confusables.ts";
import type { Recipient } from "./visits.ts";

/** Members whose lines are hidden, each for one visit: whoever has the name later may be another. */
export class IgnoreList {
	/** Names by visit. */
	readonly #names = new Map<string, string>();
	/** Confusable keys of the names of ignored members who have left since. */
	readonly #left = new Set<string>();

	get names(): readonly string[] {
		return [...this.#names.values()];
	}

	has(member: Recipient | undefined): boolean {
		return member !== undefined && this.#names.has(member.visit);
	}

	/** Adds a member, or removes it if it is on the list. Returns whether it is on the list now. */
	toggle({ name, visit }: Recipient): boolean {
		if (this.#names.delete(visit)) return false;
		this.#names.set(visit, name);
		return true;
	}

	/**
	 * Call when members come and go. Returns those of `arrived` who look like an ignored member who has
	 * left, each once.
	 */
	update(isHere: (member: Recipient) => boolean, arrived: readonly Recipient[]): Recipient[] {
		for (const [visit, name] of this.#names) {
			if (isHere({ name, visit })) continue;
			this.#names.delete(visit);
			this.#left.add(confusableKey(name));
		}
		if (this.#left.size === 0) return [];
		return arrived.filter(({ name }) => this.#left.delete(confusableKey(name)));
	}
}
