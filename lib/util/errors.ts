/**
 * Any failure that we foresee, thrown anywhere below the entry scripts. `code` is stable and meant
 * for programs; `message` is a sentence for the person who can fix it. Neither ever holds a key, a
 * password or a chat message.
 */
export class ChatError extends Error {
	readonly code: string;

	constructor(code: string, message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = new.target.name;
		this.code = code;
	}
}

/** The text of an error, to use inside a sentence. */
export const errorMessage = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);

/** The system's own reason, such as `ENOSPC: no space left on device`, without the path that it met. */
export const systemReason = (error: unknown): string =>
	errorMessage(error).replace(/, \w+( '.*)?$/s, "");

/** Whether this process, or the whole system, has no room for another open file. */
export const isOutOfFiles = (error: unknown): boolean =>
	["EMFILE", "ENFILE"].includes(String(systemErrorCode(error)));

/** The system's code for an error, such as ENOENT; undefined for any other error. */
export const systemErrorCode = (error: unknown): unknown => Object(error).code;
