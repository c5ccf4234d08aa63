import { errorMessage } from "../../util/errors.ts";
import type { KeyFolder } from "../../wire/keys/key-folder.ts";

/** A key younger than this, in milliseconds, may belong to a client that is about to connect. */
const YOUNG_KEY = 2000;

/** Removes the keys that a killed server left, the young ones once nobody can need them. */
export class KeySweeper {
	readonly #keys: KeyFolder;
	readonly #warn: (sentence: string) => void;
	readonly #laterSweep: Timer;

	/** `sessionIds` are those of the open sessions. The folder must be claimed. */
	constructor(keys: KeyFolder, sessionIds: ReadonlySet<string>, warn: (sentence: string) => void) {
		this.#keys = keys;
		this.#warn = warn;
		const oldest = Date.now() - YOUNG_KEY;
		const young = keys.sweep((_, writtenAt) => writtenAt < oldest);
		const isLeft = (id: string): boolean => young.has(id) && !sessionIds.has(id);
		this.#laterSweep = setTimeout(() => this.#try(() => keys.sweep(isLeft)), YOUNG_KEY);
	}

	/** Removes all keys, once nobody can connect any more, and gives the folder up. */
	finish(): void {
		clearTimeout(this.#laterSweep);
		this.#try(() => {
			this.#keys.sweep(() => true);
			this.#keys.release();
		});
	}

	#try(action: () => void): void {
		try {
			action();
		} catch (error) {
			this.#warn(`The server could not clear the keys folder: ${errorMessage(error)}`);
		}
	}
}
