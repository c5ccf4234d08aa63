import { shortId } from "../../util/random-id.ts";
import type { LogCursor } from "./log-cursor.ts";
import { padded, type RedisStream, timeOf } from "./redis-stream.ts";
import type { StoredSnapshot } from "./stored-record.ts";

/** Milliseconds between two looks at a log that does not grow. */
const INTERVAL = 1000;
/** Milliseconds before another look at a log that is too long, as another server writes the snapshot. */
const RETRY_AFTER = 100;
/** Milliseconds for which records stay after a snapshot, for servers that have yet to read them. */
const KEPT = 15_000;

interface LogCompactorOptions {
	/** Bytes of records after which a snapshot takes their place. */
	readonly maxBytes: number;
	/** How far this server has read. */
	readonly getCursor: () => LogCursor;
	/** Returns the state there. */
	readonly takeSnapshot: () => StoredSnapshot;
}

/**
 * Writes snapshots, and drops the records that they replace, so that what a room takes of Redis has a
 * bound: a snapshot, and twice the records after which one is due.
 */
export class LogCompactor {
	readonly #options: LogCompactorOptions;
	/** Of this server, among those that write snapshots. */
	readonly #name = shortId();
	#snapshotBytes = 0;
	/** Ends the wait for the next look. */
	#wake: () => void = () => {};

	constructor(options: LogCompactorOptions) {
		this.#options = options;
	}

	/** More has been read. */
	notice(): void {
		if (this.#isDue) this.#wake();
	}

	/** Until it is time for a look. */
	async wait(): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, this.#isDue ? RETRY_AFTER : INTERVAL);
		this.#wake = this.#isDue ? () => {} : resolve;
		await promise;
		clearTimeout(timer);
	}

	/** Throws as RedisStream does. */
	async compact(stream: RedisStream): Promise<void> {
		// First, as a Redis whose memory is full takes nothing else.
		await this.#trim(stream);
		if (!this.#isDue || !(await stream.becomeScribe(this.#name))) return;
		// Another server may have written one since.
		await this.#trim(stream);
		if (this.#isDue) await this.#replace(stream);
		await stream.stopBeingScribe(this.#name);
	}

	async #replace(stream: RedisStream): Promise<void> {
		const { id } = this.#cursor;
		await stream.replaceSnapshot(id, this.#options.takeSnapshot());
		this.#cursor.forgetUpTo(id);
	}

	/** Drops records that have been replaced: after a while, and all when the next snapshot is due. */
	async #trim(stream: RedisStream): Promise<void> {
		const [id, bytes] = await Promise.all([stream.snapshotId(), stream.snapshotBytes()]);
		if (id === null) return;
		this.#snapshotBytes = bytes;
		this.#cursor.forgetUpTo(id);
		const oldest = `${timeOf(this.#cursor.id) - KEPT}-0`;
		const keepsSome = !this.#isDue && padded(oldest) < padded(id);
		await stream.trim(this.#cursor.id, keepsSome ? oldest : id);
	}

	/** A large state is not written again for few records. */
	get #isDue(): boolean {
		return this.#cursor.bytes > Math.max(this.#options.maxBytes, this.#snapshotBytes);
	}

	get #cursor(): LogCursor {
		return this.#options.getCursor();
	}
}
