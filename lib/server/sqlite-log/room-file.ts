import { Database, type Statement, constants as sqlite } from "bun:sqlite";
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { generateKey } from "../../wire/crypto/fernet.ts";
import { InvalidToken } from "../../wire/crypto/fernet-rules.ts";
import type { LogKeyFile } from "../room-log/log-key.ts";
import { LogCipher } from "./log-cipher.ts";
import {
	APPLICATION_ID,
	assertReadable,
	createEmpty,
	damaged,
	explained,
	holdsRoom,
	newer,
	pragma,
	refusal,
	VERSION,
} from "./room-file-access.ts";

/** In one transaction, so that a file holds all of it or nothing. */
const CREATE = `
	CREATE TABLE room (key_id TEXT NOT NULL);
	CREATE TABLE snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), token BLOB NOT NULL);
	CREATE TABLE entries (id INTEGER PRIMARY KEY, token BLOB NOT NULL);
	PRAGMA application_id = ${APPLICATION_ID};
	PRAGMA user_version = ${VERSION};`;

/** So often the WAL goes into the file while much is written: it grows to little more than 1 MiB. */
const WAL_PAGES = 256;
const MAX_WAL_BYTES = 1024 * 1024;

/** What each row costs beside its token. */
const ROW_BYTES = 16;

/**
 * The file of a room: at most one snapshot, and the entries since. Each is a row with one token. The
 * server that has it open is the only one.
 */
export class RoomFile {
	readonly path: string;
	readonly #database: Database;
	readonly #keyFile: LogKeyFile;
	readonly #cipher: LogCipher;
	readonly #insert: Statement;
	readonly #replace: Statement;

	/**
	 * Opens the room in a file, or begins one where there is none. Throws ChatError
	 * `room_log_unusable`, and then leaves what was there as it was.
	 */
	constructor(file: string, keyFile: LogKeyFile) {
		this.path = resolve(file);
		this.#keyFile = keyFile;
		const isOld = holdsRoom(this.path);
		const found = keyFile.read();
		if (isOld) assertReadable(this.path, { id: found && keyId(found), path: keyFile.path });
		const key = found ?? generateKey();
		if (found === null) keyFile.create(key);
		this.#database = open(this.path, isOld, key);
		this.#cipher = new LogCipher(key);
		this.#insert = this.#database.prepare("INSERT INTO entries (token) VALUES (?)");
		this.#replace = this.#database.prepare("INSERT OR REPLACE INTO snapshot VALUES (1, ?)");
	}

	/** Returns what `replace` was given last, and its bytes. Throws ChatError `room_log_unusable`. */
	snapshot(): { readonly value: object; readonly bytes: number } | null {
		using select = this.#database.prepare("SELECT token FROM snapshot");
		const [token] = select.values()[0] ?? [];
		return token === undefined ? null : this.#opened(token);
	}

	/** Gives what `append` was given since, in order. Throws ChatError `room_log_unusable`. */
	*entries(): Generator<{ readonly value: object; readonly bytes: number }> {
		using select = this.#database.prepare("SELECT id, token FROM entries ORDER BY id");
		let expected = 1;
		for (const { id, token } of select.iterate() as Iterable<{ id: number; token: unknown }>) {
			if (id !== expected++) throw damaged(this.path);
			yield this.#opened(token);
		}
	}

	/** Adds an entry, as JSON without its opening brace, and returns its bytes. Throws SQLiteError. */
	append(fields: string): number {
		const token = this.#cipher.seal(`{"v":${VERSION},${fields}`);
		this.#insert.run(token);
		return token.length + ROW_BYTES;
	}

	/** Puts a snapshot in the place of all entries, and returns its bytes. Throws SQLiteError. */
	replace(fields: string): number {
		const token = this.#cipher.seal(`{"v":${VERSION},${fields}`);
		this.#database.transaction(() => {
			this.#replace.run(token);
			this.#database.run("DELETE FROM entries");
		})();
		return token.length;
	}

	/** Waits until the disk has all that was written. Throws SQLiteError. */
	checkpoint(): void {
		this.#database.run("PRAGMA wal_checkpoint(PASSIVE)");
	}

	/** Leaves one file that holds everything, and nothing beside it. */
	close(): void {
		this.#insert.finalize();
		this.#replace.finalize();
		this.#database.close(true);
	}

	/** Deletes the file, what SQLite keeps beside it, and the key. Throws the system's error. */
	remove(): void {
		// First what the file does without, so that a kill on the way leaves a whole room, or none.
		try {
			this.#database.run("PRAGMA wal_checkpoint(TRUNCATE)");
		} catch {
			// It is deleted all the same.
		}
		for (const suffix of ["-wal", "-journal", ""]) rmSync(`${this.path}${suffix}`, { force: true });
		this.#keyFile.remove();
	}

	#opened(token: unknown): { value: object; bytes: number } {
		try {
			if (!(token instanceof Uint8Array)) throw new InvalidToken();
			const value = this.#cipher.open(token) as { v: number };
			if (value.v > VERSION) throw newer(this.path);
			return { value, bytes: token.length + ROW_BYTES };
		} catch (cause) {
			throw cause instanceof InvalidToken ? damaged(this.path, cause) : cause;
		}
	}
}

/** Tells the keys of two rooms apart, and nothing about either. */
const keyId = (key: string): string =>
	new Bun.CryptoHasher("sha256").update(`fernet-chat room log ${key}`).digest("hex");

const isEmpty = (database: Database): boolean =>
	database.prepare("SELECT 1 FROM sqlite_schema").values().length === 0;

/** The open database holds the file's lock. Throws ChatError `room_log_unusable`. */
function open(path: string, isOld: boolean, key: string): Database {
	if (!isOld) createEmpty(path);
	try {
		const database = new Database(path, sqlite.SQLITE_OPEN_READWRITE);
		try {
			setUp(database, path, isOld, key);
			return database;
		} catch (error) {
			database.close();
			throw error;
		}
	} catch (error) {
		throw explained(path, error);
	}
}

function setUp(database: Database, path: string, isOld: boolean, key: string): void {
	// From the first access on: SQLite then needs no memory shared through a third file.
	database.run("PRAGMA locking_mode = EXCLUSIVE");
	database.run("PRAGMA secure_delete = ON");
	database.run("BEGIN EXCLUSIVE");
	if (isEmpty(database)) {
		database.run(CREATE);
		database.run("INSERT INTO room VALUES (?)", [keyId(key)]);
	} else if (!isOld) throw refusal(path, "another server has just begun a room in it.");
	database.run("COMMIT");
	database.run("PRAGMA journal_mode = WAL");
	// The death of this process takes nothing even so; a loss of power, what came after the last
	// checkpoint. FULL would wait for the disk at each entry.
	database.run("PRAGMA synchronous = NORMAL");
	database.run(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`);
	database.run(`PRAGMA journal_size_limit = ${MAX_WAL_BYTES}`);
	if (pragma(database, "integrity_check") !== "ok") throw damaged(path);
}
