import { statSync } from "node:fs";
import { ChatError, systemErrorCode } from "../../util/errors.ts";

/**
 * A file that its owner may change while the server runs. It is checked for changes when its content is
 * asked for, so an idle server needs no timer. A version that cannot be read changes nothing.
 */
export class ReloadingFile<T> {
	readonly #path: string;
	readonly #read: (path: string) => T;
	readonly #warn: (sentence: string) => void;
	#version: string;
	#content: T;

	/** Throws the ChatError that `read` throws for a file that cannot be used. */
	constructor(path: string, read: (path: string) => T, warn: (sentence: string) => void) {
		this.#path = path;
		this.#read = read;
		this.#warn = warn;
		// The version first: a change between the two is then noticed the next time.
		this.#version = versionOf(path);
		this.#content = read(path);
	}

	/** From the newest version that could be read. */
	get content(): T {
		const version = versionOf(this.#path);
		if (version !== this.#version) this.#reload(version);
		return this.#content;
	}

	/** Tries each version once, so that the owner is warned of it once. */
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

/** Differs whenever the file was changed; the error code where it cannot be looked at. */
function versionOf(path: string): string {
	try {
		const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
		return [ino, size, mtimeNs, ctimeNs].join(" ");
	} catch (error) {
		return String(systemErrorCode(error));
	}
}
