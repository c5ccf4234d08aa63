import { statSync } from "node:fs";
import { ChatError, systemErrorCode } from "../../util/errors.ts";

/** `previous` is the content of the version before, null at the start. */
type Read<T> = (path: string, previous: T | null) => T;

/**
 * A file that the operator may change while the server runs. We look for changes when the content is
 * used, so an idle server needs no timer. A version that we cannot read changes nothing.
 */
export class ReloadingFile<T> {
	readonly #path: string;
	readonly #read: Read<T>;
	readonly #warn: (sentence: string) => void;
	#version: string;
	#content: T;

	/** Throws the ChatError that `read` throws for an unusable file. */
	constructor(path: string, read: Read<T>, warn: (sentence: string) => void) {
		this.#path = path;
		this.#read = read;
		this.#warn = warn;
		// The version first, so that we notice a change between the two the next time.
		this.#version = versionOf(path);
		this.#content = read(path, null);
	}

	/** The content of the newest version that we could read. */
	get content(): T {
		const version = versionOf(this.#path);
		if (version !== this.#version) this.#reload(version);
		return this.#content;
	}

	/** Tries each version only once, so that the operator gets one warning about it. */
	#reload(version: string): void {
		this.#version = version;
		try {
			this.#content = this.#read(this.#path, this.#content);
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#warn(`${error.message} Until it is fixed, the previous version stays in force.`);
		}
	}
}

/** Differs whenever the file has changed; the system's error code if we cannot look at it. */
function versionOf(path: string): string {
	try {
		const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
		return [ino, size, mtimeNs, ctimeNs].join(" ");
	} catch (error) {
		return String(systemErrorCode(error));
	}
}
