import { isRandomId } from "../../util/random-id.ts";
import { type PeerReason, ProtocolError, type Reason, reason } from "../errors/reason.ts";

// The only two lines that may cross the wire in clear: a client's hello, and the server's error
// from before there was a key to seal it with.

const HELLO = /^FERNET-CHAT\/1 (\S{1,64})(?: (\S{1,64}))?$/;
/** The hello of any version: of another one we read no more than this. */
const VERSION = /^FERNET-CHAT\/(\d{1,4})(?!\S)/;
const CLEAR_ERROR = /^FERNET-CHAT\/1 error ([a-z_]{1,40}) ([\x20-\x7e]{1,1024})$/;

/** A client's first line. It carries the key over TLS alone, if no keys folder is shared. */
export const hello = (id: string, key?: string): string =>
	key === undefined ? `FERNET-CHAT/1 ${id}` : `FERNET-CHAT/1 ${id} ${key}`;

/** Parses a client's first line. Throws ProtocolError. */
export function readHello(line: string): { id: string; key: string | undefined } {
	const [, version] = VERSION.exec(line) ?? [];
	if (version !== undefined && Number(version) !== 1) {
		throw new ProtocolError(reason("bad_version", Number(version)));
	}
	const [, id, key] = HELLO.exec(line) ?? [];
	if (id === undefined) {
		throw new ProtocolError(reason("not_fernet_chat", "This port speaks only FERNET-CHAT/1."));
	}
	if (!isRandomId(id)) throw new ProtocolError(reason("bad_session_id"));
	return { id, key };
}

/** The text must be printable ASCII. */
export const clearError = ({ code, text }: Reason): string => `FERNET-CHAT/1 error ${code} ${text}`;

/** Null for a line that is not a clear error. */
export function readClearError(line: string): PeerReason | null {
	const [, code, text] = CLEAR_ERROR.exec(line) ?? [];
	return code === undefined || text === undefined ? null : { code, text };
}
