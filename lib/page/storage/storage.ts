import type { JsonStore } from "../../client/util/json-store.ts";
import { isObject } from "../../wire/messages/schema.ts";

/** JSON that the browser keeps for this page, if the user allows that. */
export class JsonStorage implements JsonStore {
	readonly #storage: () => Storage;

	/** `storage` may throw, where the user allows none. */
	constructor(storage: () => Storage) {
		this.#storage = storage;
	}

	read(name: string): Record<string, unknown> {
		try {
			const value: unknown = JSON.parse(this.#storage().getItem(name) ?? "{}");
			return isObject(value) ? value : {};
		} catch {
			return {};
		}
	}

	/** False if there is no room for it: then what was there before is there still. */
	write(name: string, value: object): boolean {
		try {
			this.#storage().setItem(name, JSON.stringify(value));
			return true;
		} catch {
			return false;
		}
	}

	remove(name: string): void {
		try {
			this.#storage().removeItem(name);
		} catch {}
	}
}
