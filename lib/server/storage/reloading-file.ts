import { statSync } from "node:fs";
import { ChatError, systemErrorCode } from "../../util/errors.ts";

/**
 * What the owner keeps in a file, which may change while the server runs. It is looked at when its
 * content is wanted, so an idle server has no timer; what has become of no use changes nothing.
 */
export class ReloadingFile<T> {
	readonly #path: string;
	readonly #read: (path: string) => T;
	readonly #warn: (sentence: string) => void;
	#version: string;
	#content: T;

	/** `read` throws ChatError for what cannot be used, and so does this. */
	constructor(path: string, read: (path: string) => T, warn: (sentence: string) => void) {
		this.#path = path;
		this.#read = read;
		this.#warn = warn;
		// Looked at before it is read: what changes in between is seen the next time.
		this.#version = versionOf(path);
		this.#content = read(path);
	}

	/** That of the newest version that could be used. */
	get content(): T {
		const version = versionOf(this.#path);
		if (version !== this.#version) this.#reload(version);
		return this.#content;
	}

	/** Each version is tried once, so that the owner is told of it once. */
	#reload(version: string): void {
		this.#version = version;
		try {
			this.#content = this.#read(this.#path);
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#warn(`${error.message}; until then the list as it was is in force`);
		}
	}
}

/** What changes with the file, or why it cannot be told. */
function versionOf(path: string): string {
	try {
		const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
		return [ino, size, mtimeNs, ctimeNs].join(" ");
	} catch (error) {
		return String(systemErrorCode(error));
	}
}
