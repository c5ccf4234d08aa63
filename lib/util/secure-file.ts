import {
	closeSync,
	constants,
	fstatSync,
	linkSync,
	openSync,
	readSync,
	renameSync,
	rmSync,
	type Stats,
	statSync,
	writeFileSync,
} from "node:fs";
import { systemErrorCode } from "./errors.ts";
import { randomId } from "./random-id.ts";

/** Undefined where files have no owner (Windows): there we check neither owner nor mode. */
const self = process.getuid?.();
const ROOT = 0;

export const isOwnedByAnother = ({ uid }: Stats): boolean => self !== undefined && uid !== self;

/** Throws if a user who is neither ours nor root owns the file: the owner can write, whatever its mode. */
export function assertOwnerTrusted(file: Stats): void {
	if (!isOwnedByAnother(file) || file.uid === ROOT) return;
	throw new Error(`another user owns it and can change it; run chown ${self} on it`);
}

const grants =
	(rights: number) =>
	({ mode }: Stats): boolean =>
		self !== undefined && (mode & rights) !== 0;

export const isAccessibleToOthers = grants(0o077);
export const isReadableByAll = grants(0o004);
export const isWritableByAll = grants(0o002);
export const isWritableByOthers = grants(0o022);

/** Why a file is not private to our own user, as the rest of a sentence about it; or null. */
export function privacyFault(file: Stats): string | null {
	if (!file.isFile()) return "is not a regular file";
	if (isOwnedByAnother(file)) return "belongs to another user";
	if (isAccessibleToOthers(file)) return "can be read by other users; run chmod 600 on it";
	return null;
}

/**
 * Whether a new file at `path` would be private, which it is not on a filesystem without modes. True
 * also if no file can be created there: whoever tries learns why.
 */
export function keepsModes(path: string): boolean {
	const temporary = temporaryOf(path);
	try {
		writeFileSync(temporary, "", { mode: 0o600, flag: "wx" });
		return !isAccessibleToOthers(statSync(temporary));
	} catch {
		return true;
	} finally {
		rmSync(temporary, { force: true });
	}
}

/** Throws if the file must not be read. */
type Check = (file: Stats) => void;

/** Reads all of a file of at most `maxBytes`. Throws an Error that says what is wrong. */
export function readBounded(path: string, maxBytes: number, check?: Check): Buffer {
	return readChecked(path, 0, (file) => {
		if (!file.isFile()) throw new Error("it is not a regular file");
		if (file.size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
		check?.(file);
	});
}

/** Reads all of a file. Throws what `check` throws, and ELOOP for a link. */
export function readUnlinked(path: string, check: Check): Buffer {
	return readChecked(path, constants.O_NOFOLLOW, check);
}

/** `check` judges the open file, not its path, which may lead to another file a moment later. */
function readChecked(path: string, flags: number, check: Check): Buffer {
	// Without O_NONBLOCK, opening a FIFO would wait forever for its writer.
	const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
	try {
		const file = fstatSync(descriptor);
		check(file);
		const bytes = Buffer.alloc(file.size);
		return bytes.subarray(0, readSync(descriptor, bytes));
	} finally {
		closeSync(descriptor);
	}
}

interface WriteOptions {
	/** Wait for the disk, so that the file survives a crash of the machine; true by default. */
	readonly isDurable?: boolean;
}

/** Ends the name of a file that its writer left half written when it died. */
export const TEMPORARY_SUFFIX = /\.[0-9a-f]{32}$/;

const temporaryOf = (path: string): string => `${path}.${randomId()}`;

/** Writes a file completely or not at all: even after a crash, readers find the old or the new. */
export function replaceFile(path: string, text: string | Buffer, options?: WriteOptions): void {
	write(path, text, renameSync, options);
}

/** Writes a new file in the same way. Throws EEXIST and keeps the old file if there is one. */
export function createFile(path: string, text: string, options?: WriteOptions): void {
	write(path, text, placeNew, options);
}

/** Throws EEXIST if there is a file at `to`. */
function placeNew(from: string, to: string): void {
	try {
		linkSync(from, to);
	} catch (error) {
		if (systemErrorCode(error) === "EEXIST") throw error;
		replaceReserved(from, to);
	}
}

/** For filesystems without hard links: for a moment, and after a crash then, `to` is an empty file. */
function replaceReserved(from: string, to: string): void {
	writeFileSync(to, "", { mode: 0o600, flag: "wx" });
	try {
		renameSync(from, to);
	} catch (error) {
		rmSync(to, { force: true });
		throw error;
	}
}

/** Uses mode 0600, and a temporary name for each write, because others may be writing too. */
function write(
	path: string,
	text: string | Buffer,
	place: (from: string, to: string) => void,
	{ isDurable = true }: WriteOptions = {},
): void {
	const temporary = temporaryOf(path);
	try {
		writeFileSync(temporary, text, { mode: 0o600, flag: "wx", flush: isDurable });
		place(temporary, path);
	} finally {
		rmSync(temporary, { force: true });
	}
}
