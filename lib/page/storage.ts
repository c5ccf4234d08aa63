import type { JsonStore } from "../client/util/json-store.ts";
import { isObject } from "../wire/messages/schema.ts";

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

	write(name: string, value: object): void {
		try {
			this.#storage().setItem(name, JSON.stringify(value));
		} catch {}
	}

	remove(name: string): void {
		try {
			this.#storage().removeItem(name);
		} catch {}
	}
}
