import { Fernet } from "./fernet.ts";
import { ProtocolError, reason } from "./reason.ts";
import { openJson } from "./sealed-json.ts";

/**
 * One connection's messages under its session key. Each side counts what it sends from 0 with no
 * gap: Fernet alone stops no replay, no reordering and no reflection; the count and the disjoint
 * message types do.
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

	/** The message in a token. Throws ProtocolError, or BadField for one that is merely unusable. */
	open(token: string): In {
		const value = openJson(this.#fernet, token);
		if (typeof value !== "object" || value === null || !("n" in value)) {
			throw new ProtocolError(reason("bad_message", "a message is a JSON object with a count n"));
		}
		if (value.n !== this.#received) {
			throw new ProtocolError(reason("bad_count"));
		}
		this.#received++;
		return this.#read(value);
	}
}
