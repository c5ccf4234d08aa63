import { Database, constants as sqlite } from "bun:sqlite";
import { lstatSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorMessage, systemErrorCode } from "../../util/errors.ts";
import { randomId } from "../../util/random-id.ts";
import { privacyFault } from "../../util/secure-file.ts";

/** An empty file. It stays: a server that removed it could leave a later one without its lock. */
export const LOCK_FILE = "server.lock";
const REMEDY = "Choose a folder elsewhere with --keys";

/**
 * The right to be the only server that uses a keys folder. The system holds the lock and drops it
 * with the process, however that ends. It counts across containers, where every server is process 1
 * and has a network of its own. SQLite has the runtime's only file lock: nothing is ever written.
 */
export class FolderLock implements Disposable {
	/** Held, because the lock would go when the garbage collector took the database. */
	readonly #database: Database;

	private constructor(database: Database) {
		this.#database = database;
	}

	/** Null if another server has the lock. Throws an Error that says why there can be none. */
	static take(folder: string): FolderLock | null {
		const path = join(folder, LOCK_FILE);
		createLockFile(path);
		try {
			return new FolderLock(lock(path));
		} catch (cause) {
			if (!isBusy(cause)) {
				const text = `${LOCK_FILE} cannot be locked (${errorMessage(cause)}). ${REMEDY}`;
				throw new Error(text, { cause });
			}
			if (canLock(`${path}.${randomId()}`)) return null;
			throw new Error(`its filesystem has no file locks. ${REMEDY}`, { cause });
		}
	}

	[Symbol.dispose](): void {
		this.#database.close();
	}
}

/** The open database is the lock. Throws SQLite's error. */
function lock(path: string): Database {
	const database = new Database(path, sqlite.SQLITE_OPEN_READWRITE);
	try {
		// By default SQLite would put a second file beside it.
		database.run("PRAGMA journal_mode = MEMORY");
		database.run("BEGIN EXCLUSIVE");
		return database;
	} catch (error) {
		database.close();
		throw error;
	}
}

const isBusy = (error: unknown): boolean => systemErrorCode(error) === "SQLITE_BUSY";

/**
 * Whether a new file, which nobody else can have locked, can be locked: SQLite says that a file is
 * busy, too, where the filesystem has no locks, as on NFS without its lock service.
 */
export function canLock(newFile: string): boolean {
	writeFileSync(newFile, "", { mode: 0o600, flag: "wx" });
	try {
		lock(newFile).close();
		return true;
	} catch {
		return false;
	} finally {
		rmSync(newFile, { force: true });
	}
}

/** Opens no file that is there already: if this process held its lock, closing it would drop that. */
function createLockFile(path: string): void {
	try {
		writeFileSync(path, "", { mode: 0o600, flag: "wx" });
	} catch (error) {
		if (systemErrorCode(error) !== "EEXIST") throw error;
	}
	const file = lstatSync(path);
	const fault = privacyFault(file) ?? (file.size > 0 ? "is not empty; remove it" : null);
	if (fault !== null) throw new Error(`${LOCK_FILE} ${fault}`);
}
