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
import type { HostPort } from "../../util/host-port.ts";
import { isRandomId } from "../../util/random-id.ts";
import {
	createFile,
	isAccessibleToOthers,
	isOwnedByAnother,
	privacyFault,
	readUnlinked,
	TEMPORARY_SUFFIX,
} from "../../util/secure-file.ts";
import { Fernet } from "../crypto/fernet.ts";
import { ReasonedError, reason } from "../errors/reason.ts";
import { claimantOf, claimFolder, otherClaims, releaseFolder } from "./server-claims.ts";

/** The folder is not safe for secrets, or a file in it is not a usable key. */
export class KeyFolderError extends ReasonedError {}

const KEY_SUFFIX = ".key";
const KEY_BYTES = 44;
const DOCUMENTS = ["README.md", ".gitignore"];

/** Whether a file of this name is a session key, complete or half written. */
function isKeyFile(name: string): boolean {
	const whole = name.replace(TEMPORARY_SUFFIX, "");
	return whole.endsWith(KEY_SUFFIX) && isRandomId(whole.slice(0, -KEY_SUFFIX.length));
}

const idIn = (name: string): string => name.slice(0, name.indexOf(KEY_SUFFIX));

const isForeign = (name: string): boolean =>
	!isKeyFile(name) && claimantOf(name) === null && !DOCUMENTS.includes(name);

/** The keys folder. It holds each session key in a file `<session id>.key`, mode 0600. */
export class KeyFolder {
	readonly path: string;
	/** Ids of the keys that this process saved and has not removed. */
	readonly #saved = new Set<string>();

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
	 * A session's key, or null while it has no file. Throws KeyFolderError for an unusable file, and
	 * the system's error if no more files can be opened.
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
	 * Marks the folder as used by this process, a server that listens at `host` and `port`. Throws
	 * KeyFolderError if it cannot.
	 */
	claim(host: string, port: number): void {
		try {
			claimFolder(this.path, { host, port });
		} catch (cause) {
			throw unusable(this.path, cause);
		}
	}

	/** Where the other live servers that claim this folder listen. */
	claims(): HostPort[] {
		return otherClaims(this.path);
	}

	release(): void {
		releaseFolder(this.path);
	}

	/**
	 * Removes what dead servers and clients left behind: claims, and every key last written before
	 * `moment` (milliseconds since 1970) but those of the sessions in `open`. Only the server that
	 * claims this folder may call it.
	 */
	sweep(moment: number, open: ReadonlySet<string> = new Set()): void {
		for (const name of existsSync(this.path) ? readdirSync(this.path) : []) {
			const path = join(this.path, name);
			const file = lstatSync(path, { throwIfNoEntry: false });
			if (file === undefined || file.isDirectory()) continue;
			const isOldKey = isKeyFile(name) && file.mtimeMs < moment && !open.has(idIn(name));
			const isOtherClaim = (claimantOf(name) ?? process.pid) !== process.pid;
			// Forced, because the key's client may remove it at the same moment.
			if (isOldKey || isOtherClaim) rmSync(path, { force: true });
		}
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
		if (!isAccessibleToOthers(found)) return;
		// A checkout by git opens the folder to others, and we may close it again. If the folder holds
		// anything else, it is not ours to change.
		if (readdirSync(this.path).some(isForeign))
			say(`other users can read it. Run: chmod 700 ${this.path}`);
		chmodSync(this.path, 0o700);
	}
}

function unusable(path: string, cause: unknown): KeyFolderError {
	const sentence = `Cannot use the keys folder ${path}: ${errorMessage(cause)}.`;
	return new KeyFolderError(reason("keys_unusable", sentence), { cause });
}

function badKey(what: string, cause?: unknown): KeyFolderError {
	return new KeyFolderError(reason("bad_key_file", `The key file ${what}.`), { cause });
}

function assertKeyFile(file: Stats): void {
	const fault = privacyFault(file);
	if (fault !== null) throw badKey(fault);
	if (file.size !== KEY_BYTES) throw badKey(`is not ${KEY_BYTES} bytes long`);
}

function parseKey(bytes: Buffer): string {
	const key = bytes.toString("latin1");
	try {
		new Fernet(key);
	} catch (cause) {
		throw badKey("does not contain a Fernet key", cause);
	}
	return key;
}
