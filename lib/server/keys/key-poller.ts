import { IncompleteKeyError, type KeyFolder } from "../../wire/keys/key-folder.ts";

/** Milliseconds between two checks of the folder. */
const POLL_INTERVAL = 25;

/** Called once, with the key or with the error from reading its file. */
export type KeyFound = (result: { key: string } | { error: unknown }) => void;

/** Polls the keys folder for sessions that wait for their key. Has no timer while none does. */
export class KeyPoller {
	readonly #folder: KeyFolder;
	readonly #waiting = new Map<string, KeyFound>();
	#timer: Timer | undefined;

	constructor(folder: KeyFolder) {
		this.#folder = folder;
	}

	/**
	 * Checks at once, because a client saves its key before it connects, and then polls until `stop`,
	 * also while the file is incomplete.
	 */
	waitFor(id: string, found: KeyFound): void {
		this.#waiting.set(id, found);
		this.#check(id, found);
		if (this.#waiting.size > 0) this.#timer ??= setInterval(() => this.#checkAll(), POLL_INTERVAL);
	}

	stop(id: string): void {
		this.#waiting.delete(id);
		if (this.#waiting.size > 0) return;
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#checkAll(): void {
		for (const [id, found] of this.#waiting) this.#check(id, found);
	}

	#check(id: string, found: KeyFound): void {
		const result = this.#read(id);
		if (result === null) return;
		this.stop(id);
		found(result);
	}

	#read(id: string): Parameters<KeyFound>[0] | null {
		try {
			const key = this.#folder.read(id);
			return key === null ? null : { key };
		} catch (error) {
			return error instanceof IncompleteKeyError ? null : { error };
		}
	}
}
