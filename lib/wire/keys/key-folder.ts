import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	rmSync,
	type Stats,
	statSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { errorMessage, isOutOfFiles, systemErrorCode } from "../../util/errors.ts";
import { isRandomId, randomId } from "../../util/random-id.ts";
import {
	createFile,
	isAccessibleToOthers,
	isOwnedByAnother,
	keepsModes,
	privacyFault,
	readUnlinked,
	TEMPORARY_SUFFIX,
} from "../../util/secure-file.ts";
import { runOn } from "../../util/shell-word.ts";
import { Fernet } from "../crypto/fernet.ts";
import { ReasonedError, reason } from "../errors/reason.ts";
import { FolderLock, LOCK_FILE } from "./folder-lock.ts";

/** The folder is not safe for secrets, or a file in it is not a usable key. */
export class KeyFolderError extends ReasonedError {}

/** A key file whose writer may not be done yet. */
export class IncompleteKeyError extends KeyFolderError {}

const KEY_SUFFIX = ".key";
const KEY_BYTES = 44;
const NO_MODES =
	"its filesystem does not keep file modes, so other users could read the keys. Choose a folder elsewhere with --keys, for the server and its clients.";
const DOCUMENTS = ["README.md", ".gitignore"];

/** Whether a file of this name is a session key, complete or half written. */
function isKeyFile(name: string): boolean {
	const whole = name.replace(TEMPORARY_SUFFIX, "");
	return whole.endsWith(KEY_SUFFIX) && isRandomId(whole.slice(0, -KEY_SUFFIX.length));
}

const idIn = (name: string): string => name.slice(0, name.indexOf(KEY_SUFFIX));

const isForeign = (name: string): boolean =>
	!isKeyFile(name) && name !== LOCK_FILE && !DOCUMENTS.includes(name);

/** The keys folder. It holds each session key in a file `<session id>.key`, mode 0600. */
export class KeyFolder {
	readonly path: string;
	/** Ids of the keys that this process saved and has not removed. */
	readonly #saved = new Set<string>();
	/** Undefined until this process claims the folder. */
	#lock: FolderLock | undefined;

	/** Creates the folder if there is none. Throws KeyFolderError if keys would not be safe in it. */
	constructor(path: string) {
		this.path = resolve(path);
		try {
			if (!existsSync(this.path)) mkdirSync(this.path, { recursive: true, mode: 0o700 });
			this.#checkFolder();
		} catch (cause) {
			if (cause instanceof KeyFolderError) throw cause;
			throw unusable(this.path, cause);
		}
	}

	/**
	 * Saves a client's key where the server will look for it. A crash ends the connection too, so the
	 * key need not survive one, and we do not wait for the disk. Throws KeyFolderError.
	 */
	save(id: string, key: string): void {
		const file = this.#file(id);
		try {
			createFile(file, key, { isDurable: false });
		} catch (cause) {
			const sentence = `Cannot save a session key: ${errorMessage(cause)}.`;
			throw new KeyFolderError(reason("keys_unusable", sentence), { cause });
		}
		this.#saved.add(id);
	}

	/**
	 * A session's key, or null while it has no file. Throws KeyFolderError for an unusable file,
	 * IncompleteKeyError for one that may become usable, and the system's error if no more files can be
	 * opened.
	 */
	read(id: string): string | null {
		const file = this.#file(id);
		try {
			return parseKey(readUnlinked(file, assertKeyFile));
		} catch (cause) {
			if (cause instanceof KeyFolderError) throw cause;
			const code = systemErrorCode(cause);
			if (code === "ENOENT") return null;
			// Not the file's fault, and not its client's.
			if (isOutOfFiles(cause)) throw cause;
			throw badKey(code === "ELOOP" ? "is a link" : "cannot be opened by the server", cause);
		}
	}

	/** Removes a key. Does nothing if it is already gone. */
	remove(id: string): void {
		this.#saved.delete(id);
		rmSync(this.#file(id), { force: true });
	}

	/** Removes every key that we saved, for a program that stops before its connections end. */
	removeSaved(): void {
		for (const id of this.#saved) this.remove(id);
	}

	/**
	 * Makes this process the folder's only server until `release`: a connection recorded at one server
	 * could be replayed to another that finds the same key. Throws KeyFolderError `keys_in_use` if
	 * another server has claimed it, and `keys_unusable` if it cannot be claimed.
	 */
	claim(): void {
		try {
			this.#lock = FolderLock.take(this.path) ?? undefined;
		} catch (cause) {
			throw unusable(this.path, cause);
		}
		if (this.#lock !== undefined) return;
		const sentence = `Another server is using the keys folder ${this.path}. Choose another folder with --keys.`;
		throw new KeyFolderError(reason("keys_in_use", sentence));
	}

	/** Does nothing if we have not claimed the folder. */
	release(): void {
		this.#lock?.[Symbol.dispose]();
		this.#lock = undefined;
	}

	/**
	 * Removes what dead servers and clients left behind: every key that is needless by its session's id
	 * and when it was written (milliseconds since 1970). Returns the ids of all others. Only the server
	 * that has claimed this folder may call it.
	 */
	sweep(isNeedless: (id: string, writtenAt: number) => boolean): Set<string> {
		const kept = new Set<string>();
		for (const name of existsSync(this.path) ? readdirSync(this.path) : []) {
			const path = join(this.path, name);
			const file = lstatSync(path, { throwIfNoEntry: false });
			if (file === undefined || file.isDirectory() || !isKeyFile(name)) continue;
			// Forced, because the key's client may remove it at the same moment.
			if (isNeedless(idIn(name), file.mtimeMs)) rmSync(path, { force: true });
			else kept.add(idIn(name));
		}
		return kept;
	}

	#file(id: string): string {
		if (!isRandomId(id)) throw new KeyFolderError(reason("bad_session_id"));
		return join(this.path, `${id}${KEY_SUFFIX}`);
	}

	#checkFolder(): void {
		const found = statSync(this.path);
		const say = (what: string): never => {
			throw new KeyFolderError(
				reason("keys_unusable", `Cannot keep keys in ${this.path}: ${what}`),
			);
		};
		if (!found.isDirectory()) say("it is not a folder.");
		if (isOwnedByAnother(found)) say("it belongs to another user.");
		if (!keepsModes(this.#file(randomId()))) say(NO_MODES);
		if (!isAccessibleToOthers(found)) return;
		// A checkout by git opens the folder to others, and we may close it again. If the folder holds
		// anything else, it is not ours to change.
		if (readdirSync(this.path).some(isForeign))
			say(`other users can read it. ${runOn("chmod 700", this.path)}`);
		try {
			chmodSync(this.path, 0o700);
		} catch {
			// What counts is the mode that the folder has now: chmod may also succeed and change nothing.
		}
		if (isAccessibleToOthers(statSync(this.path))) say(NO_MODES);
	}
}

function unusable(path: string, cause: unknown): KeyFolderError {
	const sentence = `Cannot use the keys folder ${path}: ${errorMessage(cause)}.`;
	return new KeyFolderError(reason("keys_unusable", sentence), { cause });
}

function badKey(what: string, cause?: unknown): KeyFolderError {
	return new KeyFolderError(reason("bad_key_file", `The key file ${what}.`), { cause });
}

const incompleteKey = (): IncompleteKeyError =>
	new IncompleteKeyError(
		reason("bad_key_file", `The key file is incomplete: a key has ${KEY_BYTES} bytes.`),
	);

function assertKeyFile(file: Stats): void {
	const fault = privacyFault(file);
	if (fault !== null) throw badKey(fault);
	if (file.size < KEY_BYTES) throw incompleteKey();
	if (file.size > KEY_BYTES) throw badKey(`is not ${KEY_BYTES} bytes long`);
}

function parseKey(bytes: Buffer): string {
	// A writer may reserve the space, or fill the file from its end: what is missing reads as zeros.
	if (bytes.length < KEY_BYTES || bytes.includes(0)) throw incompleteKey();
	const key = bytes.toString("latin1");
	try {
		new Fernet(key);
	} catch (cause) {
		throw badKey("does not contain a Fernet key", cause);
	}
	return key;
}
