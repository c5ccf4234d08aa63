import type { Fernet } from "../../wire/crypto/fernet.ts";
import type { Entry } from "../room-log/entry.ts";
import { VERSION } from "./stored-record.ts";

/** Characters of entries that wait at most: a long outage must not fill the memory. */
const MAX_WAITING = 4 * 1024 * 1024;
/** Characters of entries at which a record is closed. */
const MAX_RECORD = 128 * 1024;

/** What this server has still to write, in order. */
export class OutgoingRecords {
	readonly #fernet: Fernet;
	/** Entries as JSON. */
	#waiting: string[] = [];
	#size = 0;
	/** May or may not be in the log by now: until that is known, it is written again. */
	#sending: string | null = null;

	constructor(fernet: Fernet) {
		this.#fernet = fernet;
	}

	get isEmpty(): boolean {
		return this.#sending === null && this.#waiting.length === 0;
	}

	/** Returns false if too much waits already. */
	add(entry: Entry): boolean {
		if (this.#size >= MAX_WAITING) return false;
		const json = JSON.stringify(entry);
		this.#waiting.push(json);
		this.#size += json.length;
		return true;
	}

	/**
	 * The next record, for a room and as a record says, a run: always the same until it is `written`.
	 * Null if nothing waits.
	 */
	next(room: string, run?: string): string | null {
		if (this.#sending === null && this.#waiting.length > 0) {
			const head = JSON.stringify({ v: VERSION, room, run }).slice(0, -1);
			this.#sending = this.#fernet.encrypt(`${head},"entries":[${this.#take().join()}]}`);
		}
		return this.#sending;
	}

	/** The record is in the log. */
	written(): void {
		this.#sending = null;
	}

	#take(): string[] {
		let [count, size] = [0, 0];
		for (const { length } of this.#waiting) {
			if (count > 0 && size + length > MAX_RECORD) break;
			count++;
			size += length;
		}
		this.#size -= size;
		return this.#waiting.splice(0, count);
	}
}
