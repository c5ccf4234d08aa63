import { ProtocolError, reason } from "../errors/reason.ts";
import type { Fernet } from "./fernet.ts";
import { InvalidToken } from "./fernet-rules.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Opens a token. Throws ProtocolError, which never says why a token is bad: that would help a
 * forger.
 */
export function openToken(fernet: Fernet, token: string): Uint8Array {
	try {
		return fernet.decrypt(token);
	} catch (cause) {
		if (!(cause instanceof InvalidToken)) throw cause;
		throw new ProtocolError(reason("bad_token"), { cause });
	}
}

/** Parses what was in a token. Throws ProtocolError. */
export function parseJson(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(bytes));
	} catch (cause) {
		throw new ProtocolError(reason("bad_message", "A token does not contain JSON."), { cause });
	}
}
