import { Fernet, generateKey } from "#fernet";
import {
	type BatchHeader,
	batchJson,
	deflateBatch,
	inflateBatch,
	type OpenedBatch,
	readBatch,
} from "../messages/batch.ts";
import { serverLine } from "../transport/server-line.ts";
import { openToken, parseJson } from "./sealed-json.ts";

/**
 * It pays to deflate a batch of this many bytes, if all its readers together get this many:
 * `bun test/bench/deflate.ts` measures it.
 */
const MIN_DEFLATED = 512;
const MIN_SENT = 64 * 1024;

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

	/** Seals one line for this many readers, newline included. `events` is JSON already. */
	seal(head: BatchHeader, events: string, readers: number): Buffer {
		const json = batchJson(head, events);
		// A key must share no deflate window with what members choose: its length would tell of it.
		const isLarge = json.length >= MIN_DEFLATED && json.length * readers >= MIN_SENT;
		const batch = isLarge && !head.next ? deflateBatch(json) : json;
		return serverLine(this.epoch, this.#fernet.encrypt(batch));
	}

	/** Opens a batch. Throws ProtocolError. */
	open(token: string): OpenedBatch {
		return readBatch(parseJson(inflateBatch(openToken(this.#fernet, token))));
	}
}
