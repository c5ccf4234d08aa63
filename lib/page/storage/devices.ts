import type { DeviceMemory } from "../../client/net/room-target.ts";
import { deviceField } from "../../wire/messages/fields.ts";
import type { JsonStorage } from "./storage.ts";

const nameOf = (email: string): string => `device ${email.toLowerCase()}`;

/**
 * What this browser can log in with, for each account. Nothing is kept here besides, because another
 * tab may have logged in with it meanwhile, which changes it.
 */
export class BrowserDevices implements DeviceMemory {
	readonly #storage: JsonStorage;

	constructor(storage: JsonStorage) {
		this.#storage = storage;
	}

	load(email: string): string | null {
		const { device } = this.#storage.read(nameOf(email));
		return deviceField.is(device) ? device : null;
	}

	/** A box that was left empty once is no answer for ever. */
	isDeclined(): boolean {
		return false;
	}

	/** Keeps what is there if there is nothing new: the server takes that once more. */
	save(email: string, device: string | undefined): void {
		if (device !== undefined) this.#storage.write(nameOf(email), { device });
	}

	decline(): void {}

	forget(email: string): void {
		this.#storage.remove(nameOf(email));
	}
}
