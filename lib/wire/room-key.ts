import { Fernet, generateKey } from "./fernet.ts";
import { type BatchHeader, batchJson, type OpenedBatch, readBatch } from "./messages.ts";
import { openJson } from "./sealed-json.ts";
import { serverLine } from "./server-line.ts";

/** The room key of one epoch, shared by every member. Nothing is ever sealed under epoch 0. */
export class RoomKey {
	readonly epoch: number;
	readonly key: string;
	readonly #fernet: Fernet;

	constructor(epoch: number, key: string) {
		this.epoch = epoch;
		this.key = key;
		this.#fernet = new Fernet(key);
	}

	/** Makes a fresh key for the next epoch. */
	next(): RoomKey {
		return new RoomKey(this.epoch + 1, generateKey());
	}

	/** Seals one line for every member, newline included. `events` is JSON already. */
	seal(head: BatchHeader, events: string): Buffer {
		return serverLine(this.epoch, this.#fernet.encrypt(batchJson(head, events)));
	}

	/** Opens a batch. Throws ProtocolError. */
	open(token: string): OpenedBatch {
		return readBatch(openJson(this.#fernet, token));
	}
}
