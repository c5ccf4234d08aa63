/**
 * Every failure that we foresee, thrown anywhere below the entry scripts. `code` is stable and for
 * programs, `message` is a sentence for the person who can mend it; neither ever holds a key, a
 * password or a message.
 */
export class ChatError extends Error {
	readonly code: string;

	constructor(code: string, message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = new.target.name;
		this.code = code;
	}
}

/** An error's text, to be part of a sentence. */
export const errorMessage = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);

/** The system's code for an error, such as ENOENT; undefined for other errors. */
export const systemErrorCode = (error: unknown): unknown => Object(error).code;
