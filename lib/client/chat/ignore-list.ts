import { confusableKey } from "../../util/confusables.ts";

/** Names of members whose lines are hidden, and with them every name that looks like one. */
export class IgnoreList {
	/** Names as typed, each under its confusable key. */
	readonly #names = new Map<string, string>();

	get names(): readonly string[] {
		return [...this.#names.values()];
	}

	has(name: string): boolean {
		return this.#names.has(confusableKey(name));
	}

	/** Adds a name, or removes it if it is on the list. Returns whether it is on the list now. */
	toggle(name: string): boolean {
		const key = confusableKey(name);
		if (this.#names.delete(key)) return false;
		this.#names.set(key, name);
		return true;
	}
}
