import type { Fernet } from "../../wire/crypto/fernet.ts";
import { InvalidToken } from "../../wire/crypto/fernet-rules.ts";
import { type RedisConnection, RedisRefusal } from "../redis/redis-connection.ts";
import type { PageSize } from "./page-size.ts";
import { isRecord, type StoredRecord, type StoredSnapshot, sealed } from "./stored-record.ts";

// How a room lies in Redis: a stream whose items hold one Fernet token each, and a snapshot. Each step
// is one write, because a script that writes twice is not atomic over a crash (valkey#4342).

const LOG = "fc:{room}:log";
const SNAPSHOT = "fc:{room}:snap";
/** The server that is writing a snapshot. */
const SCRIBE = "fc:{room}:scribe";
const KEYS = [LOG, SNAPSHOT, SCRIBE];

/** Of the item with which a room begins. Redis gives higher ones to all others. */
const FIRST = "0-1";
/** Milliseconds for which Redis waits for something to read. */
const READ_TIME = 2000;
/** Milliseconds that a snapshot, or a record, which may be large, may take on its way. */
const MAX_TIME = 60_000;
/** Bytes of a record that are on their way in a millisecond, at the slowest. */
const SLOWEST = 8;
/** Milliseconds for which a server alone may write a snapshot, should it not say that it is done. */
const SCRIBE_TIME = 15_000;

/** Milliseconds for which the log of a room that has ended stays, for servers that have yet to read it. */
const ENDING_TIME = 15_000;

/** These two return no item, which may be large. */
const HAS = 'return #redis.call("XRANGE", KEYS[1], ARGV[1], ARGV[1])';
const LAST = `local last = redis.call("XREVRANGE", KEYS[1], "+", "-", "COUNT", 1)[1]
return last and last[1]`;
/** Runs a command on keys, unless the log, which comes first, is another room's by now. */
const inSameRoom = (command: string): string =>
	`if #redis.call("XRANGE", KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end return ${command}`;
const TRIM = inSameRoom('redis.call("XTRIM", KEYS[1], "MINID", ARGV[2])');
const DELETE = inSameRoom('redis.call("DEL", unpack(KEYS))');
const LET_EXPIRE = inSameRoom('redis.call("PEXPIRE", KEYS[1], ARGV[2])');
/** Digits of the two parts of a padded id, with which a snapshot begins. */
const MS_DIGITS = 15;
const SEQ_DIGITS = 9;
const PADDED = MS_DIGITS + 1 + SEQ_DIGITS;
/** A snapshot never goes back, and a room that has ended gets none. */
const REPLACE = `local id = redis.call("GETRANGE", KEYS[2], 0, ${PADDED - 1})
if id >= string.sub(ARGV[2], 1, ${PADDED}) then return 0 end
if redis.call("PTTL", KEYS[1]) ~= -1 then return 0 end
${inSameRoom('redis.call("SET", KEYS[2], ARGV[2])')}`;
const DROP = `if redis.call("GETRANGE", KEYS[1], 0, ${PADDED - 1}) ~= ARGV[1] then return 0 end
return redis.call("DEL", KEYS[1])`;
const GIVE_BACK = `if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("DEL", KEYS[1])`;

/** A record with its place. */
export interface Item {
	readonly id: string;
	/** Null for what no server of ours has written: whoever may write to Redis can put it there. */
	readonly record: StoredRecord | null;
	readonly bytes: number;
}

/** A room in Redis, over one connection. All throw RedisGone, RedisRefusal and InvalidToken. */
export class RedisStream {
	readonly #connection: RedisConnection;
	readonly #fernet: Fernet;

	constructor(connection: RedisConnection, fernet: Fernet) {
		this.#connection = connection;
		this.#fernet = fernet;
	}

	/** Begins a room, unless there is one. */
	async begin(record: StoredRecord): Promise<void> {
		try {
			await this.#connection.send("XADD", [LOG, FIRST, "e", sealed(this.#fernet, record)]);
		} catch (error) {
			const isThere = error instanceof RedisRefusal && /equal or smaller/.test(error.message);
			if (!isThere) throw error;
		}
	}

	/** Adds a sealed record, and returns its id; null if there is no room. */
	async append(token: string): Promise<string | null> {
		const patience = Math.min(token.length / SLOWEST, MAX_TIME);
		const id = await this.#connection.send("XADD", [LOG, "NOMKSTREAM", "*", "e", token], patience);
		return id === null ? null : String(id);
	}

	/** Returns the items after an id, a page of them; none if there is nothing new for two seconds. */
	async read(after: string, { count, patience }: PageSize): Promise<Item[]> {
		const options = ["COUNT", count, "BLOCK", READ_TIME, "STREAMS", LOG, after];
		const found = await this.#connection.send("XREAD", options, READ_TIME + patience);
		return this.#items(Object(found)[LOG]);
	}

	/** Likewise, without waiting. */
	async readNow(after: string, { count, patience }: PageSize): Promise<Item[]> {
		const range = [LOG, `(${after}`, "+", "COUNT", count];
		const found = await this.#connection.send("XRANGE", range, patience);
		return this.#items(found);
	}

	async has(id: string): Promise<boolean> {
		return (await this.#connection.send("EVAL", [HAS, 1, LOG, id])) === 1;
	}

	/** The id of the last item, or null. */
	async lastId(): Promise<string | null> {
		const id = await this.#connection.send("EVAL", [LAST, 1, LOG]);
		return id === null ? null : String(id);
	}

	async snapshot(): Promise<{ id: string; snapshot: StoredSnapshot; bytes: number } | null> {
		const found = await this.#connection.send("GET", [SNAPSHOT], MAX_TIME);
		if (found === null) return null;
		const text = String(found);
		const snapshot = this.#open(text.slice(PADDED)) as StoredSnapshot;
		return { id: unpadded(text.slice(0, PADDED)), snapshot, bytes: text.length };
	}

	/** The id up to which the snapshot goes, or null. */
	async snapshotId(): Promise<string | null> {
		const found = await this.#connection.send("GETRANGE", [SNAPSHOT, 0, PADDED - 1]);
		return found === "" ? null : unpadded(String(found));
	}

	/** 0 if there is none. */
	async snapshotBytes(): Promise<number> {
		return Number(await this.#connection.send("STRLEN", [SNAPSHOT]));
	}

	/** Puts a snapshot in the place of an older one. */
	async replaceSnapshot(id: string, snapshot: StoredSnapshot): Promise<void> {
		const value = padded(id) + sealed(this.#fernet, snapshot);
		await this.#connection.send("EVAL", [REPLACE, 2, LOG, SNAPSHOT, id, value], MAX_TIME);
	}

	/** Deletes a snapshot, unless there is another by now. */
	async dropSnapshot(id: string): Promise<void> {
		await this.#connection.send("EVAL", [DROP, 1, SNAPSHOT, padded(id)]);
	}

	/** Whether this server is to write the next snapshot. `name` is one that no other has. */
	async becomeScribe(name: string): Promise<boolean> {
		const options = [SCRIBE, name, "NX", "PX", SCRIBE_TIME];
		return (await this.#connection.send("SET", options)) !== null;
	}

	/** Another server may write the next, unless it does already because we took too long. */
	async stopBeingScribe(name: string): Promise<void> {
		await this.#connection.send("EVAL", [GIVE_BACK, 1, SCRIBE, name]);
	}

	/** Drops what is before an id, from the room in which an item is, and from no other. */
	async trim(item: string, id: string): Promise<void> {
		await this.#connection.send("EVAL", [TRIM, 1, LOG, item, id]);
	}

	/**
	 * The room in which an item is has ended: servers that lag behind have some seconds to read that.
	 * If we are killed in between, a snapshot without its log stays, which counts for nothing.
	 */
	async end(id: string): Promise<void> {
		const isOurs = await this.#connection.send("EVAL", [LET_EXPIRE, 1, LOG, id, ENDING_TIME]);
		const snapshotId = isOurs ? await this.snapshotId() : null;
		if (snapshotId !== null) await this.dropSnapshot(snapshotId);
	}

	/** Whether the room has ended, and only servers that lag behind read on. */
	async isEnding(): Promise<boolean> {
		return Number(await this.#connection.send("PTTL", [LOG])) >= 0;
	}

	/** Deletes the room in which an item is, and no other. */
	async remove(id: string): Promise<void> {
		await this.#connection.send("EVAL", [DELETE, KEYS.length, ...KEYS, id]);
	}

	#items(found: unknown): Item[] {
		const rows = (found ?? []) as [id: string, fields: string[]][];
		return rows.map(([id, [, token = ""]]) => {
			return { id, record: this.#record(token), bytes: token.length };
		});
	}

	#record(token: string): StoredRecord | null {
		try {
			const value = this.#open(token);
			return isRecord(value) ? value : null;
		} catch (error) {
			if (!(error instanceof InvalidToken)) throw error;
			return null;
		}
	}

	#open(token: string): unknown {
		const json = this.#fernet.decrypt(token).toString();
		try {
			return JSON.parse(json);
		} catch {
			throw new InvalidToken();
		}
	}
}

/** An id whose order is that of its text. */
export function padded(id: string): string {
	const [ms = "", seq = ""] = id.split("-");
	return `${ms.padStart(MS_DIGITS, "0")}-${seq.padStart(SEQ_DIGITS, "0")}`;
}

const unpadded = (text: string): string => text.split("-").map(Number).join("-");

/** Milliseconds since 1970 by Redis' clock, when the item got its place. */
export const timeOf = (id: string): number => Number.parseInt(id, 10);
