import {
	chmodSync,
	closeSync,
	constants,
	existsSync,
	fstatSync,
	linkSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	readSync,
	statSync,
	unlinkSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { ChatError, errorMessage, systemErrorCode } from "../util/errors.ts";
import { isRandomId } from "../util/random-id.ts";
import { isAccessibleToOthers, isOwnedByAnother } from "../util/secure-file.ts";
import { Fernet } from "./fernet.ts";

/** The folder, or a file in it, is not what a secret may be kept in. */
export class KeyFolderError extends ChatError {}

const KEY_FILE = /^[0-9a-f]{32}\.key(\.new)?$/;
const CLAIM = /^server\.(\d+)$/;
const DOCUMENTS = /^(README\.md|\.gitignore)$/;
const OURS = [KEY_FILE, CLAIM, DOCUMENTS];
const KEY_BYTES = 44;

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return systemErrorCode(error) !== "ESRCH";
	}
}

/** The keys/ folder: one session key a file, `<session id>.key`, 0600, for as long as it is used. */
export class KeyFolder {
	readonly path: string;
	/** Ids of the keys that we have put here and not removed. */
	readonly #saved = new Set<string>();

	/** Makes the folder when there is none. Throws KeyFolderError where keys would not be safe. */
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
	 * Saves a client's key where the server will look for it. It need not survive a crash, which ends the
	 * connection too: so nobody waits for the disk.
	 */
	save(id: string, key: string): void {
		const file = this.#file(id);
		const fresh = `${file}.new`;
		const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
		try {
			const descriptor = openSync(fresh, flags, 0o600);
			try {
				writeSync(descriptor, key);
				// A link never replaces: whoever holds the name already keeps it.
				linkSync(fresh, file);
				this.#saved.add(id);
			} finally {
				closeSync(descriptor);
				unlinkSync(fresh);
			}
		} catch (cause) {
			const sentence = `cannot save a session key: ${errorMessage(cause)}`;
			throw new KeyFolderError("keys_unusable", sentence, { cause });
		}
	}

	/**
	 * The key of a session, or null while there is no such file. Whatever the file is judged by is
	 * read from the open file, never from its path: another could be there a moment later.
	 */
	read(id: string): string | null {
		const file = this.#file(id);
		let descriptor: number;
		try {
			// Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
			const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
			descriptor = openSync(file, flags);
		} catch (cause) {
			const code = systemErrorCode(cause);
			if (code === "ENOENT") return null;
			if (code === "ELOOP") throw badKey("is a link", cause);
			throw badKey("cannot be opened by the server", cause);
		}
		try {
			return readKey(descriptor);
		} finally {
			closeSync(descriptor);
		}
	}

	/** Ends a key's life. One that is gone already is no error. */
	remove(id: string): void {
		this.#saved.delete(id);
		this.#unlink(basename(this.#file(id)));
	}

	/** Ends the life of every key published here, for a program that stops before its time. */
	removeSaved(): void {
		for (const id of this.#saved) this.remove(id);
	}

	/** Marks the folder as used by this process, a server listening at a place. */
	claim(host: string, port: number): void {
		try {
			const place = JSON.stringify({ host, port });
			writeFileSync(join(this.path, `server.${process.pid}`), place, { mode: 0o600 });
		} catch (cause) {
			throw unusable(this.path, cause);
		}
	}

	/** Where the other servers listen that claim this folder and whose processes are alive. */
	claims(): { host: string; port: number }[] {
		const claims: { host: string; port: number }[] = [];
		for (const name of readdirSync(this.path)) {
			const pid = Number(CLAIM.exec(name)?.[1] ?? process.pid);
			if (pid === process.pid || !isAlive(pid)) continue;
			try {
				const { host, port } = Object(JSON.parse(readFileSync(join(this.path, name), "utf8")));
				claims.push({ host: String(host), port: Number(port) });
			} catch {
				// Cut off while it was written, and so of a server that died then.
			}
		}
		return claims;
	}

	release(): void {
		this.#unlink(`server.${process.pid}`);
	}

	/**
	 * Removes what dead servers and clients left: their claims, and every key last written before
	 * `moment` (ms since 1970). For the one server that this folder has.
	 */
	sweep(moment: number): void {
		for (const name of existsSync(this.path) ? readdirSync(this.path) : []) {
			const pid = Number(CLAIM.exec(name)?.[1] ?? process.pid);
			if (pid !== process.pid) this.#unlink(name);
			if (!KEY_FILE.test(name)) continue;
			const file = lstatSync(join(this.path, name), { throwIfNoEntry: false });
			if (file !== undefined && !file.isDirectory() && file.mtimeMs < moment) this.#unlink(name);
		}
	}

	#file(id: string): string {
		if (!isRandomId(id)) throw new KeyFolderError("bad_session_id", "not a session id");
		return join(this.path, `${id}.key`);
	}

	#unlink(name: string): void {
		try {
			unlinkSync(join(this.path, name));
		} catch (error) {
			// Somebody was quicker, or the folder was taken away with all that was in it.
			if (systemErrorCode(error) !== "ENOENT") throw error;
		}
	}

	#checkFolder(): void {
		const found = statSync(this.path);
		const say = (what: string): never => {
			throw new KeyFolderError("keys_unusable", `cannot keep keys in ${this.path}: ${what}`);
		};
		if (!found.isDirectory()) say("it is not a folder");
		if (isOwnedByAnother(found)) say("it belongs to another user");
		if (!isAccessibleToOthers(found)) return;
		// A fresh clone leaves it open. A folder with anything else in it is not ours to change.
		const foreign = readdirSync(this.path).some((name) => !OURS.some((kind) => kind.test(name)));
		if (foreign) say(`other users can look into it; chmod 700 ${this.path}`);
		chmodSync(this.path, 0o700);
	}
}

function unusable(path: string, cause: unknown): KeyFolderError {
	return new KeyFolderError("keys_unusable", `cannot use ${path}: ${errorMessage(cause)}`, {
		cause,
	});
}

function badKey(what: string, cause?: unknown): KeyFolderError {
	return new KeyFolderError("bad_key_file", `the key file ${what}`, { cause });
}

function readKey(descriptor: number): string {
	const file = fstatSync(descriptor);
	if (!file.isFile()) throw badKey("is not a regular file");
	if (isOwnedByAnother(file)) throw badKey("belongs to another user");
	if (isAccessibleToOthers(file)) throw badKey("can be read by others; chmod 600 it");
	if (file.size !== KEY_BYTES) throw badKey(`is not ${KEY_BYTES} bytes long`);
	const bytes = Buffer.alloc(KEY_BYTES);
	const key = bytes.toString("latin1", 0, readSync(descriptor, bytes));
	try {
		new Fernet(key);
	} catch (cause) {
		throw badKey("does not hold a Fernet key", cause);
	}
	return key;
}
