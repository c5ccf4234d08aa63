import { Fernet } from "../../lib/wire/fernet.ts";
import type { Json } from "./programs.ts";

interface Line {
	/** 0 under the session key, else the room key's. */
	readonly epoch: number;
	/** What the token holds, as it is. */
	readonly value: Json & { next?: { epoch: number; key: string } };
	/** The same, a batch's events one by one, each with its number and time. */
	readonly messages: Json[];
}

/**
 * Reads what a server says to one client, as README gives the wire. It is the tests' own, apart from
 * lib/client and lib/wire's channel: a fault there is no fault here as well.
 */
export class WireReader {
	/** The room key in force. */
	roomKey: { readonly epoch: number; readonly key: string; readonly fernet: Fernet } | undefined;
	/** How many room keys it was told. */
	keys = 0;
	readonly #session: Fernet;

	constructor(session: Fernet) {
		this.#session = session;
	}

	/** Throws for anything but a token under the session key, or under the room key in force. */
	read(line: string): Line {
		const [, digits, token = ""] = /^(0|[1-9]\d*) ([\w=-]+)$/.exec(line) ?? [];
		const epoch = Number(digits);
		const fernet = epoch === 0 ? this.#session : this.roomKey?.fernet;
		if (!fernet || (epoch !== 0 && epoch !== this.roomKey?.epoch)) {
			throw new Error(`a line that no key opens: ${line.slice(0, 100)}`);
		}
		const value = JSON.parse(Buffer.from(fernet.decrypt(token)).toString());
		const { epoch: next, key } = value.next ?? value;
		if (key !== undefined) {
			this.roomKey = { epoch: next, key, fernet: new Fernet(key) };
			this.keys++;
		}
		return { epoch, value, messages: messagesIn(value) };
	}
}

function messagesIn(value: Json): Json[] {
	if (!Array.isArray(value.events)) return [value];
	// What was missed has numbers and times of its own.
	if (value.type === "missed") return value.events;
	return value.events.map((event, i) => ({ ...event, seq: Number(value.seq) + i, at: value.at }));
}
