import { Database } from "bun:sqlite";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry } from "../../../../lib/server/room-log/entry.ts";
import type { LogReader, RoomLog, Stamp } from "../../../../lib/server/room-log/room-log.ts";
import { SqliteLog } from "../../../../lib/server/sqlite-log/sqlite-log.ts";
import type { Clocks } from "../../../../lib/util/clock.ts";
import { killLog } from "../../../support/killed-log.ts";

/** Clocks that a test sets. */
export class SetClocks implements Clocks {
	monotonic = 50;
	wall = 1_795_627_801_000;
	readonly now = () => this.monotonic;
	readonly wallNow = () => this.wall;

	pass(milliseconds: number): void {
		this.monotonic += milliseconds;
		this.wall += milliseconds;
	}
}

/** Where one log lies, over all the servers that open it. */
export class Place implements Disposable {
	readonly folder: string;
	readonly file: string;
	readonly clocks = new SetClocks();
	readonly warnings: string[] = [];
	readonly warn = (sentence: string): void => {
		this.warnings.push(sentence);
	};
	constructor(parent = tmpdir()) {
		this.folder = mkdtempSync(join(parent, "fernet-chat-log-"));
		this.file = join(this.folder, "room");
	}

	/** So few that snapshots are taken in nearly every test. */
	maxBytes = 1000;

	sqliteLog(): SqliteLog {
		const { file, maxBytes, clocks, warn } = this;
		return new SqliteLog({ file, key: `${file}.key`, maxBytes, clocks, warn });
	}

	/** What is left on disk. */
	get files(): string[] {
		return readdirSync(this.folder).sort();
	}

	/** The server of a log is killed: what it has written stays, and nothing is tidied up. */
	kill(log: RoomLog): void {
		killLog(this.folder, log);
	}

	/** Brings all that the WAL has into the file. */
	foldWal(): void {
		using database = new Database(this.file);
		database.run("PRAGMA wal_checkpoint(TRUNCATE)");
	}

	[Symbol.dispose](): void {
		rmSync(this.folder, { recursive: true });
	}
}

type Applied = readonly [entry: Entry, stamp: Stamp];

/** A room whose state is everything that was ever applied to it, or the last of that. */
export class Recorder implements LogReader {
	/** How many entries the state holds at most. */
	readonly #kept: number;
	state: Applied[] = [];
	/** What was applied, without what was restored. */
	readonly applied: Applied[] = [];
	restored = 0;

	constructor(kept = Number.POSITIVE_INFINITY) {
		this.#kept = kept;
	}

	restore(state: unknown): void {
		this.restored++;
		this.state = structuredClone(state) as Applied[];
	}

	apply(entry: Entry, stamp: Stamp): void {
		this.state.push([entry, stamp]);
		this.applied.push([entry, stamp]);
		if (this.state.length > this.#kept) this.state.shift();
	}

	snapshot(): unknown {
		return this.state;
	}

	get entries(): Entry[] {
		return this.state.map(([entry]) => entry);
	}

	get stamps(): Stamp[] {
		return this.state.map(([, stamp]) => stamp);
	}
}

/** An entry that holds a text. */
export const say = (n: number, text = `text ${n}`, server = "a1"): Entry => {
	const message = { type: "say", id: "1", text } as const;
	const change = { kind: "request", visit: "v0", generation: 1, message } as const;
	return { server, n, changes: [change] };
};
