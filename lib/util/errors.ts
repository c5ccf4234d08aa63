/**
 * What every failure below the doors is thrown as. `code` is stable and for programs, `message` is
 * a sentence for the person who can mend it; neither ever holds a key, a password or a message.
 */
export class ChatError extends Error {
	readonly code: string;

	constructor(code: string, message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = new.target.name;
		this.code = code;
	}
}

/** A peer broke the rules of the wire; the connection ends. */
export class ProtocolError extends ChatError {}

/** What an error says, to be part of a sentence. */
export const errorMessage = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);

/** The system's word for what went wrong, such as ENOENT, where it has one. */
export const systemErrorCode = (error: unknown): unknown => Object(error).code;
