import { confusableKey } from "../../util/confusables.ts";
import type { Recipient } from "./visits.ts";

/** Members whose lines are hidden, each for one visit: whoever has the name later may be another. */
export class IgnoreList {
	/** Names by visit. */
	readonly #names: Map<string, string>;
	/** Ignored members who have left since, by the confusable keys of their names. */
	readonly #left = new Map<string, Recipient>();

	/** `remembered`: those ignored in an earlier run, who may be here still. */
	constructor(remembered: readonly Recipient[] = []) {
		this.#names = new Map(remembered.map(({ name, visit }) => [visit, name]));
	}

	get names(): readonly string[] {
		return [...this.#names.values()];
	}

	get namesLeft(): readonly string[] {
		return Array.from(this.#left.values(), ({ name }) => name);
	}

	/** Everybody on the list, those who have left first. */
	get members(): Recipient[] {
		return [
			...this.#left.values(),
			...Array.from(this.#names, ([visit, name]) => ({ name, visit })),
		];
	}

	has(member: Recipient | undefined): boolean {
		return member !== undefined && this.#names.has(member.visit);
	}

	/** Adds a member, or removes it if it is on the list. Returns whether it is on the list now. */
	toggle({ name, visit }: Recipient): boolean {
		if (this.#names.delete(visit)) return false;
		this.#left.delete(confusableKey(name));
		this.#names.set(visit, name);
		return true;
	}

	/** Removes one who has left, and whom nobody asks about any more. False if there is none. */
	forget(name: string): boolean {
		return this.#left.delete(confusableKey(name));
	}

	/**
	 * Call when members come and go. Returns those of `arrived` who look like an ignored member who has
	 * left, each once.
	 */
	update(isHere: (member: Recipient) => boolean, arrived: readonly Recipient[]): Recipient[] {
		for (const [visit, name] of this.#names) {
			if (isHere({ name, visit })) continue;
			this.#names.delete(visit);
			this.#left.set(confusableKey(name), { name, visit });
		}
		if (this.#left.size === 0) return [];
		return arrived.filter(({ name }) => this.forget(name));
	}
}
