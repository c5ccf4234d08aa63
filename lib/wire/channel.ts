import { ProtocolError } from "./errors.ts";
import { Fernet, generateKey, InvalidToken } from "./fernet.ts";
import { isId } from "./keys.ts";
import { type BatchHead, batchText, type OpenedBatch, readBatch } from "./messages.ts";

/** Bytes of a server's line: a roster of the largest room fits. */
export const SERVER_LINE = 8 * 1024 * 1024;

const HELLO = /^FERNET-CHAT\/(\d{1,4}) (\S{1,64})(?: (\S{1,64}))?$/;
const ANSWER = /^FERNET-CHAT\/1 error ([a-z_]{1,40}) ([\x20-\x7e]{1,1024})$/;

/** A client's first line. The key travels on it over TLS alone, where no folder is shared. */
export const hello = (id: string, key?: string): string =>
	key === undefined ? `FERNET-CHAT/1 ${id}` : `FERNET-CHAT/1 ${id} ${key}`;

/** What is in a client's first line. Throws ProtocolError. */
export function readHello(line: string): { id: string; key: string | undefined } {
	const [, version, id = "", key] = HELLO.exec(line) ?? [];
	if (version === undefined) {
		throw new ProtocolError("not_fernet_chat", "this port speaks FERNET-CHAT/1 and nothing else");
	}
	if (version !== "1") throw new ProtocolError("bad_version", "this server speaks version 1");
	if (!isId(id)) throw new ProtocolError("bad_session_id", "a session id is 32 of 0-9 a-f");
	return { id, key };
}

/** What goes wrong before there is a key is the one thing said in clear. */
export const clearError = (code: string, sentence: string): string =>
	`FERNET-CHAT/1 error ${code} ${sentence}`;

export function readClearError(line: string): { code: string; text: string } | null {
	const [, code, text] = ANSWER.exec(line) ?? [];
	return code === undefined || text === undefined ? null : { code, text };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parse(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(bytes));
	} catch (cause) {
		throw new ProtocolError("bad_message", "a token held something that is not JSON", { cause });
	}
}

/**
 * One connection's messages under its session key. Each side counts what it sends from 0 with no
 * gap: Fernet alone stops no replay, no reordering and no reflection; the count and the disjoint
 * message types do.
 */
export class Channel<In, Out extends { type: string }> {
	readonly #fernet: Fernet;
	readonly #read: (value: unknown) => In;
	#sent = 0;
	#received = 0;

	constructor(key: string, read: (value: unknown) => In) {
		this.#fernet = new Fernet(key);
		this.#read = read;
	}

	seal(message: Out): string {
		return this.#fernet.encrypt(JSON.stringify({ n: this.#sent++, ...message }));
	}

	/** The message in a token. Throws ProtocolError, or BadField for one that is merely unusable. */
	open(token: string): In {
		const value = parse(verified(this.#fernet, token));
		if (typeof value !== "object" || value === null || !("n" in value)) {
			throw new ProtocolError("bad_message", "a message is a JSON object with a count n");
		}
		if (value.n !== this.#received) {
			throw new ProtocolError("bad_count", "a message was repeated, dropped or out of order");
		}
		this.#received++;
		return this.#read(value);
	}
}

/** A bad token is the peer's breach of the wire; which kind of bad it was is not told. */
function verified(fernet: Fernet, token: string): Uint8Array {
	try {
		return fernet.decrypt(token);
	} catch (cause) {
		if (!(cause instanceof InvalidToken)) throw cause;
		const sentence = "a line was not a valid token under the key it came with";
		throw new ProtocolError("bad_token", sentence, { cause });
	}
}

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
	seal(head: BatchHead, events: string): Buffer {
		const token = this.#fernet.encrypt(batchText(head, events));
		return Buffer.from(`${this.epoch} ${token}\n`, "latin1");
	}

	open(token: string): OpenedBatch {
		return readBatch(parse(verified(this.#fernet, token)));
	}
}

/** A server's line under the session key: of epoch 0, its newline included. */
export const sessionLine = (token: string): Buffer => Buffer.from(`0 ${token}\n`, "latin1");

export const isSessionLine = (line: Uint8Array): boolean => line[0] === 0x30;

/** A server's line: `<epoch> <token>`, epoch 0 for the session key. Null for anything else. */
export function readServerLine(line: string): { epoch: number; token: string } | null {
	const [, epoch, token] = /^(0|[1-9]\d{0,14}) (\S+)$/.exec(line) ?? [];
	return epoch === undefined || token === undefined ? null : { epoch: Number(epoch), token };
}
