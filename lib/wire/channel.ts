import { Fernet } from "./fernet.ts";
import { ProtocolError, reason } from "./reason.ts";
import { openJson } from "./sealed-json.ts";

/**
 * Seals and opens one connection's messages under its session key. Each side counts what it sends,
 * from 0 and without gaps. Fernet alone stops no replay, no reordering and no reflection: the count
 * stops the first two, and reflection fails because the two directions share no message type.
 */
export class Channel<In, Out extends { type: string }> {
	readonly #fernet: Fernet;
	readonly #read: (value: unknown) => In;
	#sent = 0;
	#received = 0;

	constructor(key: string, read: (value: unknown) => In) {
		this.#fernet = new Fernet(key);
		this.#read = read;
	}

	seal(message: Out): string {
		return this.#fernet.encrypt(JSON.stringify({ n: this.#sent++, ...message }));
	}

	/** Opens a token. Throws ProtocolError, or BadField for a message with an unusable field. */
	open(token: string): In {
		const value = openJson(this.#fernet, token);
		if (typeof value !== "object" || value === null || !("n" in value)) {
			throw new ProtocolError(
				reason("bad_message", "A message must be a JSON object with a count n."),
			);
		}
		if (value.n !== this.#received) {
			throw new ProtocolError(reason("bad_count"));
		}
		this.#received++;
		return this.#read(value);
	}
}
