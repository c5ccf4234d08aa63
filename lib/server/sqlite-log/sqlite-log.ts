import { SQLiteError } from "bun:sqlite";
import type { Clocks } from "../../util/clock.ts";
import { systemReason } from "../../util/errors.ts";
import type { Entry } from "../room-log/entry.ts";
import { LogClock } from "../room-log/log-clock.ts";
import { LogKeyFile } from "../room-log/log-key.ts";
import type { LogReader, RoomLog, Stamp } from "../room-log/room-log.ts";
import { RoomFile } from "./room-file.ts";
import { damaged, explained } from "./room-file-access.ts";

export interface SqliteLogOptions {
	/** Paths of the room file and of its key. */
	readonly file: string;
	readonly key: string;
	/** Bytes of entries after which a snapshot takes their place. */
	readonly maxBytes: number;
	readonly clocks: Clocks;
	/** For the operator's log. */
	readonly warn: (sentence: string) => void;
}

/** What a loss of power may take, in milliseconds, beside what the disk itself loses. */
const CHECKPOINT_INTERVAL = 1000;
/** Milliseconds before we try again to write what could not be written. */
const RETRY_AFTER = 250;

type StoredEntry = Entry & Stamp;
interface StoredSnapshot {
	readonly stamp: Stamp;
	readonly hash: string;
	readonly state: unknown;
}

/** Everything that an open log has. */
interface Opened {
	readonly file: RoomFile;
	readonly reader: LogReader;
	readonly clock: LogClock;
}

/** Keeps a room in an SQLite file: it outlives its server, and ends with the file. */
export class SqliteLog implements RoomLog {
	readonly outlivesServer = true;
	readonly isAlone = true;
	readonly maxStep = Number.POSITIVE_INFINITY;
	readonly isReachable = true;
	readonly #options: SqliteLogOptions;
	#opened: Opened | null = null;
	#last: Stamp | undefined;
	/** Of the entries since the last snapshot, and of that. */
	#entryBytes = 0;
	#snapshotBytes = 0;
	/** Runs while something was written since the last checkpoint. */
	#timer: Timer | undefined;
	/** When to try again, on the monotonic clock; null while the file can be written. */
	#retryAt: number | null = null;

	constructor(options: SqliteLogOptions) {
		this.#options = options;
	}

	open(reader: LogReader): void {
		const { file: path, key, clocks, warn } = this.#options;
		const file = new RoomFile(path, new LogKeyFile(key));
		try {
			this.#restore(file, reader);
			const counts = new Map<string, number>();
			for (const { value, bytes } of file.entries()) {
				const { at, time, server, n, changes } = value as StoredEntry;
				// Somebody has moved rows about, or taken one out.
				if (n !== (counts.get(server) ?? n - 1) + 1) throw damaged(file.path);
				counts.set(server, n);
				this.#last = { at, time };
				this.#entryBytes += bytes;
				reader.apply({ server, n, changes }, this.#last);
			}
		} catch (error) {
			file.close();
			throw explained(file.path, error);
		}
		this.#opened = { file, reader, clock: new LogClock(clocks, warn, this.#last) };
	}

	append(entry: Entry): boolean {
		const opened = this.#opened;
		if (opened === null) return false;
		const { file, reader, clock } = opened;
		const stamp = clock.stamp();
		// A large state is not written again for few entries.
		const isSnapshotDue = this.#entryBytes > Math.max(this.#options.maxBytes, this.#snapshotBytes);
		const isWritten = this.#attempt(file, () => {
			if (isSnapshotDue) this.#takeSnapshot(opened);
			this.#entryBytes += file.append(fieldsOf({ ...stamp, ...entry }));
		});
		if (!isWritten) return false;
		this.#last = stamp;
		this.#checkpointSoon(file);
		reader.apply(entry, stamp);
		return true;
	}

	whenCurrent(action: () => void): void {
		action();
	}

	close(): void {
		clearTimeout(this.#timer);
		const opened = this.#opened;
		// So that the next server, perhaps of another version, need not judge the entries anew.
		if (opened && this.#entryBytes > 0)
			this.#attempt(opened.file, () => this.#takeSnapshot(opened));
		this.#opened?.file.close();
		this.#opened = null;
	}

	remove(): void {
		const { file } = this.#opened ?? {};
		try {
			file?.remove();
		} catch (error) {
			this.#options.warn(
				`The room has ended, but not all of its file ${file?.path} could be deleted: ${systemReason(error)}. Delete it and its key by hand.`,
			);
		}
		this.close();
	}

	#restore(file: RoomFile, reader: LogReader): void {
		const found = file.snapshot();
		if (found === null) return;
		const { stamp, hash, state } = found.value as StoredSnapshot;
		this.#last = stamp;
		this.#snapshotBytes = found.bytes;
		if (hashOf(JSON.stringify(state)) !== hash) throw damaged(file.path);
		reader.restore(state);
	}

	/** Of the state after the last entry: it takes the place of all of them. */
	#takeSnapshot({ file, reader }: Opened): void {
		const state = JSON.stringify(reader.snapshot());
		const head = fieldsOf({ stamp: this.#last, hash: hashOf(state) }).slice(0, -1);
		this.#snapshotBytes = file.replace(`${head},"state":${state}}`);
		this.#entryBytes = 0;
	}

	#checkpointSoon(file: RoomFile): void {
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.#attempt(file, () => file.checkpoint());
		}, CHECKPOINT_INTERVAL).unref();
	}

	/** Writes, and returns whether that could be done. The operator learns when that changes. */
	#attempt(file: RoomFile, write: () => void): boolean {
		const { clocks, warn } = this.#options;
		if (this.#retryAt !== null && clocks.now() < this.#retryAt) return false;
		try {
			// What could not be written may have been the file, and what can be, what is beside it.
			if (this.#retryAt !== null) file.checkpoint();
			write();
		} catch (error) {
			if (!(error instanceof SQLiteError)) throw error;
			if (this.#retryAt === null) {
				warn(
					`The room file ${file.path} cannot be written: ${systemReason(error)}. Nothing that anybody says is taken until it can.`,
				);
			}
			this.#retryAt = clocks.now() + RETRY_AFTER;
			return false;
		}
		if (this.#retryAt !== null) warn(`The room file ${file.path} can be written again.`);
		this.#retryAt = null;
		return true;
	}
}

/** A JSON object without its opening brace, as a RoomFile takes it. */
const fieldsOf = (value: object): string => JSON.stringify(value).slice(1);

const hashOf = (json: string): string => new Bun.CryptoHasher("sha256").update(json).digest("hex");
