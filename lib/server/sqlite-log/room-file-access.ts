import { Database, constants as sqlite } from "bun:sqlite";
import {
	accessSync,
	closeSync,
	constants,
	lstatSync,
	openSync,
	readSync,
	type Stats,
	writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { ChatError, systemErrorCode, systemReason } from "../../util/errors.ts";
import { randomId } from "../../util/random-id.ts";
import { keepsModes, privacyFault } from "../../util/secure-file.ts";
import { runOn } from "../../util/shell-word.ts";
import { canLock } from "../../wire/keys/folder-lock.ts";
import { NO_MODES, unusable } from "../room-log/unusable.ts";

// Whether a file can be a room's, found out without changing anything.

/** In the header of every room file: "FCLg". */
export const APPLICATION_ID = 0x46_43_4c_67;
/** Of the tables, of what each token holds, and of the rules by which a room applies entries. */
export const VERSION = 1;
/** Bytes of the four pages with which a room file begins. */
const FIRST_PAGES = 4 * 4096;

const ELSEWHERE = "Choose another file with --room.";

/** Whether `path` holds a room; if not, one can begin there. Throws ChatError `room_log_unusable`. */
export function holdsRoom(path: string): boolean {
	const found = lstat(path);
	if (found) assertPrivate(path, found);
	assertFolderWritable(path);
	if (!found && !keepsModes(path)) throw unusable(`The room file ${path} ${NO_MODES}.`);
	const [wal] = ["-wal", "-journal"].map((suffix) => {
		const beside = lstat(`${path}${suffix}`);
		if (beside) assertPrivate(`${path}${suffix}`, beside);
		return beside;
	});
	if (found && found.size > 0) return true;
	if (wal && wal.size > 0) {
		throw refusal(
			path,
			`it is missing or empty, but ${path}-wal, which was part of it, is there. Put the file back, or remove ${path}-wal to begin a new room.`,
		);
	}
	return false;
}

/** The key that we have, or null, and where it is. */
interface RoomKeyId {
	readonly id: string | null;
	readonly path: string;
}

/**
 * Asserts that the room at `path` is one that we can read with a key. Opens no file that a server of
 * this process may have open, except through SQLite: closing it would drop that server's lock.
 */
export function assertReadable(path: string, key: RoomKeyId): void {
	try {
		// Immutable: SQLite takes no lock, and writes into no file that may be another program's.
		const url = `${pathToFileURL(path)}?immutable=1`;
		const flags = sqlite.SQLITE_OPEN_READONLY | sqlite.SQLITE_OPEN_URI;
		if (!isCutShort(path, url, flags)) return assertKey(new Database(url, flags), path, key);
		assertKey(Database.deserialize(firstPages(path), { readonly: true }), path, key);
	} catch (error) {
		throw explained(path, error);
	}
}

/** A checkpoint that a kill or a full disk cut short leaves a file that only its WAL makes whole. */
function isCutShort(path: string, url: string, flags: number): boolean {
	if (!lstat(`${path}-wal`)) return false;
	using database = new Database(url, flags);
	try {
		pragma(database, "application_id");
		return false;
	} catch (error) {
		return systemErrorCode(error) === "SQLITE_CORRUPT";
	}
}

/** What tells whose the file is: it was written before there was a WAL, and never changes. */
function firstPages(path: string): Buffer {
	const pages = Buffer.alloc(FIRST_PAGES);
	const file = openSync(path, "r");
	try {
		readSync(file, pages, 0, FIRST_PAGES, 0);
	} finally {
		closeSync(file);
	}
	// In SQLite's header: no WAL, and as many pages as there are.
	pages.fill(1, 18, 20);
	pages.fill(0, 28, 32);
	return pages;
}

function assertKey(opened: Database, path: string, key: RoomKeyId): void {
	using database = opened;
	if (pragma(database, "application_id") !== APPLICATION_ID) throw foreign(path);
	if (Number(pragma(database, "user_version")) > VERSION) throw newer(path);
	const [[id] = []] = database.prepare("SELECT key_id FROM room").values();
	if (key.id === null) {
		throw refusal(path, `its key ${key.path} is missing. Give the key's file with --room-key.`);
	}
	if (id !== key.id) {
		throw refusal(
			path,
			`the key in ${key.path} is another room's. Give this room's with --room-key.`,
		);
	}
}

export const pragma = (database: Database, name: string): unknown =>
	database.prepare(`PRAGMA ${name}`).values()[0]?.[0];

/** Creates an empty file, unless there is one. Throws ChatError `room_log_unusable`. */
export function createEmpty(path: string): void {
	try {
		writeFileSync(path, "", { mode: 0o600, flag: "wx" });
	} catch (cause) {
		if (systemErrorCode(cause) === "EEXIST") return;
		throw refusal(path, `${systemReason(cause)}. ${ELSEWHERE}`, cause);
	}
}

/** Makes of SQLite's error about the file at `path` one for the operator. */
export function explained(path: string, error: unknown): unknown {
	if (error instanceof ChatError) return error;
	const code = String(systemErrorCode(error));
	if (code === "SQLITE_NOTADB") return foreign(path);
	if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_IOERR_SHORT_READ") return damaged(path);
	if (code.startsWith("SQLITE_BUSY") || code === "SQLITE_IOERR_LOCK") return locked(path);
	return code.startsWith("SQLITE_")
		? refusal(path, `${systemReason(error)}. ${ELSEWHERE}`, error)
		: error;
}

export const refusal = (path: string, what: string, cause?: unknown): ChatError =>
	unusable(`Cannot use the room file ${path}: ${what}`, cause);

export const damaged = (path: string, cause?: unknown): ChatError =>
	refusal(
		path,
		"it is damaged. Put back a copy of it, or move it and its key away to begin a new room.",
		cause,
	);

export const newer = (path: string): ChatError =>
	refusal(path, "a newer version of fernet-chat wrote it. Update this one.");

const foreign = (path: string): ChatError =>
	refusal(path, `it is not a room's, but another program's. ${ELSEWHERE}`);

/** SQLite also says that a file is busy where the filesystem has no locks. */
function locked(path: string): ChatError {
	try {
		if (!canLock(`${path}.${randomId()}`))
			return refusal(path, `its filesystem has no file locks. ${ELSEWHERE}`);
	} catch {
		// There is no space for a file to try it with.
	}
	return refusal(path, `another server is using it. ${ELSEWHERE}`);
}

function lstat(path: string): Stats | undefined {
	try {
		return lstatSync(path, { throwIfNoEntry: false });
	} catch (cause) {
		throw refusal(path, `${systemReason(cause)}. ${ELSEWHERE}`, cause);
	}
}

function assertPrivate(path: string, found: Stats): void {
	if (found.isSymbolicLink())
		throw refusal(path, "it is a link. Give the path of the file itself.");
	if (found.isDirectory()) throw refusal(path, "it is a folder. Give the path of a file in it.");
	const fault = privacyFault(found);
	if (fault !== null) throw refusal(path, `it ${fault}.`);
}

/** SQLite keeps files of its own beside a room's. */
function assertFolderWritable(path: string): void {
	const folder = dirname(path);
	try {
		accessSync(folder, constants.W_OK);
	} catch (cause) {
		const isMissing = systemErrorCode(cause) === "ENOENT";
		const what = isMissing
			? `the folder ${folder} does not exist. Create it first. ${runOn("mkdir -m 700", folder)}`
			: `nothing can be written in the folder ${folder} (${systemReason(cause)}). ${ELSEWHERE}`;
		throw refusal(path, what, cause);
	}
}
