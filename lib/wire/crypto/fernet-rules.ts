import { ChatError } from "../../util/errors.ts";

// What both of our implementations of Fernet share.

const KEY_CHARS = 44;
/** Seconds a token may be ahead of our clock. The spec names no limit; other libraries chose 60. */
const MAX_SKEW = 60;

/** The one error for any fault in a token: a precise reason would help a forger. */
export class InvalidToken extends ChatError {
	constructor() {
		super("invalid_token", "This is not a valid Fernet token under this key.");
	}
}

/** A key is not 32 bytes in padded base64url. The message never repeats the text given. */
export class InvalidKey extends ChatError {
	constructor() {
		super(
			"invalid_key",
			`A Fernet key must be 32 bytes in base64url, which is ${KEY_CHARS} characters.`,
		);
	}
}

/**
 * Whether a token is neither older than `ttl` nor more than 60 s ahead of `now`; one aged exactly `ttl`
 * is in time. All are whole seconds.
 */
export function isInTime(madeAt: number, ttl: number, now: number): boolean {
	const age = now - madeAt;
	return age <= ttl && age >= -MAX_SKEW;
}
