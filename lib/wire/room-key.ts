import { Fernet, generateKey } from "./fernet.ts";
import { type BatchHeader, batchJson, type OpenedBatch, readBatch } from "./messages.ts";
import { openJson } from "./sealed-json.ts";
import { serverLine } from "./server-line.ts";

/** The room key of one epoch, which every member shares. Epoch 0 is never sealed with. */
export class RoomKey {
	readonly epoch: number;
	readonly key: string;
	readonly #fernet: Fernet;

	constructor(epoch: number, key: string) {
		this.epoch = epoch;
		this.key = key;
		this.#fernet = new Fernet(key);
	}

	/** A fresh key for the epoch after this one. */
	next(): RoomKey {
		return new RoomKey(this.epoch + 1, generateKey());
	}

	/** One line that serves every member, its newline included. `events` are JSON already. */
	seal(head: BatchHeader, events: string): Buffer {
		return serverLine(this.epoch, this.#fernet.encrypt(batchJson(head, events)));
	}

	/** Throws ProtocolError. */
	open(token: string): OpenedBatch {
		return readBatch(openJson(this.#fernet, token));
	}
}
