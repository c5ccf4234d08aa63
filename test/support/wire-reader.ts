import { Fernet } from "../../lib/wire/fernet.ts";
import type { Json } from "./programs.ts";

interface Line {
	/** 0 under the session key, else the number of the room key. */
	readonly epoch: number;
	/** What the token holds, unchanged. */
	readonly value: Json & { next?: { epoch: number; key: string } };
	/** The same, with a batch split into its events, each with its number and time. */
	readonly messages: Json[];
}

/**
 * Reads what a server sends to one client, as lib/wire/README.md describes it. It shares no
 * code with lib/client or the channel of lib/wire, so that it does not share their faults.
 */
export class WireReader {
	/** The room key in force. */
	roomKey: { readonly epoch: number; readonly key: string; readonly fernet: Fernet } | undefined;
	/** How many room keys the server sent. */
	keys = 0;
	readonly #session: Fernet;

	constructor(session: Fernet) {
		this.#session = session;
	}

	/** Throws for anything but a token under the session key or the room key in force. */
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
	// Missed events already carry their numbers and times.
	if (value.type === "missed") return value.events;
	return value.events.map((event, i) => ({ ...event, seq: Number(value.seq) + i, at: value.at }));
}
