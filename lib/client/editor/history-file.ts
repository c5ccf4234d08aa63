import { Database } from "bun:sqlite";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorMessage, systemErrorCode } from "../../util/errors.ts";
import { privacyFault } from "../../util/secure-file.ts";
import { typable } from "../keyboard/typable.ts";

const FILE = "history.db";
const VERSION = 1;
/** Lines that are loaded for one room. */
const MAX_LOADED = 500;
/** What the file keeps at most, for all rooms together; the oldest goes first. */
const MAX_LINES = 1000;
const MAX_CHARACTERS = 1024 * 1024;
/** UTF-16 code units; no message has more. */
const MAX_LINE = 8192;
/** Lines that wait to be saved. */
const MAX_UNSAVED = 100;
/** Bytes of a file that is ours: more than SQLite needs for all that we keep. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Milliseconds to wait for another client that writes, at the beginning and at the end. */
const BUSY_TIME = 500;

const SETTINGS = [
	"PRAGMA trusted_schema = OFF",
	// What is dropped is overwritten, and nothing is put into a file elsewhere meanwhile.
	"PRAGMA secure_delete = ON",
	"PRAGMA temp_store = MEMORY",
	// A loss of power may cost the file, which is worth less than a wait for the disk at each line.
	"PRAGMA synchronous = OFF",
];
const TABLE = `CREATE TABLE IF NOT EXISTS line
	(id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT NOT NULL, text TEXT NOT NULL) STRICT`;
/** What is in a file of ours; SQLite itself adds the other. */
const OBJECTS = "table line, table sqlite_sequence";
const DROP_OLDEST = `DELETE FROM line WHERE id IN (SELECT id FROM (SELECT id,
	row_number() OVER newest AS number, sum(length(text)) OVER newest AS characters
	FROM line WINDOW newest AS (ORDER BY id DESC)) WHERE number > ? OR characters > ?)`;

/**
 * The lines that were entered in earlier runs, in a file that nobody else can read. Of each room
 * apart: a line of one room must not be one key away from being said in another. An SQLite file,
 * because several clients write at once and none may lose what another has added.
 */
export class HistoryFile {
	/** What keeps us from using the file, as a sentence for the user; null if nothing does. */
	readonly fault: string | null = null;
	/** The lines of earlier runs, the oldest first. */
	readonly lines: readonly string[] = [];
	readonly #room: string;
	readonly #path: string;
	#database: Database | undefined;
	/** Whether another client had locked the file at the beginning. */
	#isLocked = false;
	#last: string | undefined;
	#unsaved: readonly string[] = [];

	/** Never throws: without its file the client only forgets. `room` is a `roomKey`. */
	constructor(folder: string, room: string) {
		this.#room = room;
		this.#path = join(folder, FILE);
		// A home that is read-only must not keep anyone from chatting, nor bother them each time.
		if (!create(folder, this.#path)) return;
		try {
			this.#database = open(this.#path, BUSY_TIME);
			this.lines = load(this.#database, room);
			this.#last = this.lines.at(-1);
		} catch (error) {
			this.#database?.close();
			this.#database = undefined;
			this.#isLocked = isBusy(error);
			const saved = this.#isLocked
				? "What you type is saved once it is free."
				: "What you type is not saved.";
			this.fault = `Your input history cannot be used, because ${this.#path} ${whyNot(error)}. ${saved}`;
		}
	}

	/**
	 * Adds a line, unless it repeats the last one. Waits for no other client: what cannot be saved now
	 * is, with a later line or at the end.
	 */
	add(line: string): void {
		if (line === this.#last || line.length > MAX_LINE) return;
		this.#last = line;
		this.#unsaved = [...this.#unsaved, line].slice(-MAX_UNSAVED);
		this.#save(0);
	}

	/** Calling it again does nothing. */
	close(): void {
		this.#save(BUSY_TIME);
		this.#database?.close();
		this.#database = undefined;
		this.#isLocked = false;
	}

	/** `wait`: milliseconds. */
	#save(wait: number): void {
		if (this.#unsaved.length === 0) return;
		try {
			if (this.#isLocked) this.#database ??= open(this.#path, wait);
			if (this.#database) this.#insert(this.#database, wait);
		} catch {
			// The disk is full, or others write without end.
		}
	}

	#insert(database: Database, wait: number): void {
		database.run(busyTimeout(wait));
		const insert = database.transaction(() => {
			for (const line of this.#unsaved) {
				database.run("INSERT INTO line (room, text) VALUES (?, ?)", [this.#room, line]);
			}
			database.run(DROP_OLDEST, [MAX_LINES, MAX_CHARACTERS]);
		});
		insert.immediate();
		this.#unsaved = [];
	}
}

const busyTimeout = (milliseconds: number): string => `PRAGMA busy_timeout = ${milliseconds}`;

/** Whether there is a file now. */
function create(folder: string, path: string): boolean {
	try {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		writeFileSync(path, "", { mode: 0o600, flag: "wx" });
		return true;
	} catch (error) {
		return systemErrorCode(error) === "EEXIST";
	}
}

/** The file is there, but is not used: the rest of a sentence about it. */
class Unusable extends Error {}

/** `wait`: milliseconds. */
function open(path: string, wait: number): Database {
	const file = statSync(path, { throwIfNoEntry: false });
	if (!file) throw new Unusable("is a link that leads nowhere");
	const fault = privacyFault(file);
	if (fault) throw new Unusable(fault);
	if (file.size > MAX_BYTES) throw new Unusable(`has more than ${MAX_BYTES} bytes; delete it`);
	const database = new Database(path, { readwrite: true, create: false });
	try {
		for (const setting of [busyTimeout(wait), ...SETTINGS]) database.run(setting);
		prepare(database);
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

/**
 * Makes the table in a new file. Another's file is left alone, and one that has more in it than a
 * table, because SQLite runs what a view or a trigger says.
 */
function prepare(database: Database): void {
	const { version, objects } = contents(database);
	const isNew = version === 0;
	if (!isNew && version !== VERSION) throw new Unusable("is from another version of the client");
	if (objects !== (isNew ? "" : OBJECTS))
		throw new Unusable("holds something else than your lines");
	if (!isNew) return;
	const create = database.transaction(() => {
		database.run(TABLE);
		database.run(`PRAGMA user_version = ${VERSION}`);
	});
	create.immediate();
}

/** The version of a file, and what is in it. */
function contents(database: Database): { version: number; objects: string } {
	// One statement, because another client may be making the table.
	const found = database
		.query<{ version: number; objects: string }, []>(
			`SELECT (SELECT user_version FROM pragma_user_version) AS version,
			coalesce(group_concat(object, ', '), '') AS objects
			FROM (SELECT type || ' ' || name AS object FROM sqlite_master ORDER BY name)`,
		)
		.get();
	return found ?? { version: 0, objects: "" };
}

function load(database: Database, room: string): string[] {
	const rows = database
		.query<{ text: unknown }, [string, number, number]>(
			"SELECT text FROM line WHERE room = ? AND length(text) <= ? ORDER BY id DESC LIMIT ?",
		)
		.all(room, MAX_LINE, MAX_LOADED);
	return rows.reverse().flatMap(({ text }) => (typeof text === "string" ? [typable(text)] : []));
}

const isBusy = (error: unknown): boolean => systemErrorCode(error) === "SQLITE_BUSY";

function whyNot(error: unknown): string {
	if (error instanceof Unusable) return error.message;
	if (isBusy(error)) return "is in use by another client";
	return `is damaged, or is no history (${errorMessage(error)}); delete it to begin a new one`;
}
