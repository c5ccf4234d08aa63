import { confusableKey } from "../../util/confusables.ts";

/** Whose lines are not shown; a name that looks like one of these is ignored with it. */
export class IgnoreList {
	/** By what the name looks like, as it was typed. */
	readonly #names = new Map<string, string>();

	get names(): readonly string[] {
		return [...this.#names.values()];
	}

	has(name: string): boolean {
		return this.#names.has(confusableKey(name));
	}

	/** Puts a name on the list, or takes it off. Whether it is on it now. */
	toggle(name: string): boolean {
		const key = confusableKey(name);
		if (this.#names.delete(key)) return false;
		this.#names.set(key, name);
		return true;
	}
}
