import { inflateRawSync } from "node:zlib";
import { Fernet } from "../../lib/wire/crypto/fernet.ts";
import type { Json } from "./programs.ts";

interface Line {
	/** 0 under the session key, else the number of the room key. */
	readonly epoch: number;
	/** What the token holds, unchanged. */
	readonly value: Json;
	/** Its messages one by one, or its events, each with its number and time. */
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
	/** The count of the next token under the session key. */
	#n = 0;

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
		const value = JSON.parse(inflated(fernet.decrypt(token)).toString());
		if (epoch !== 0) {
			this.#learn(value.next ?? {});
			const { seq, at, events }: { seq: number; at: number; events: Json[] } = value;
			return { epoch, value, messages: events.map((event, i) => ({ ...event, seq: seq + i, at })) };
		}
		if (value.n !== this.#n++) throw new Error(`token ${value.n}, and not ${this.#n - 1}`);
		const messages: Json[] = value.messages;
		for (const message of messages) this.#learn(message);
		// What is replayed carries its numbers and times.
		const flat = messages.flatMap((message) =>
			message.type === "replay" ? (message.events as unknown as Json[]) : [message],
		);
		return { epoch, value, messages: flat };
	}

	#learn({ epoch, key }: Json): void {
		if (typeof key !== "string") return;
		this.roomKey = { epoch: Number(epoch), key, fernet: new Fernet(key) };
		this.keys++;
	}
}

/** A batch may be deflated, which its first byte shows. */
export const inflated = (bytes: Uint8Array): Buffer =>
	bytes[0] === 1 ? inflateRawSync(bytes.subarray(1)) : Buffer.from(bytes);
