import { inflateRaw } from "#inflate";
import { ProtocolError, reason } from "../errors/reason.ts";
import { placeInOrder, readEvent, type SequencedEvent, type UnknownEvent } from "./events.ts";
import { keyField } from "./fields.ts";
import { isObject, optional, pick, record, wholeNumber } from "./schema.ts";

// A batch: what a token under the room key holds, the events of one moment.

/**
 * What a batch holds besides its `events`. The order has no gaps and a turn counts as one moment,
 * so the `seq` of the first event and one `at` serve for all. `next` is the key of every token
 * after it.
 */
export interface BatchHeader {
	seq: number;
	at: number;
	next?: { epoch: number; key: string };
}
/** A batch as its reader needs it, with each event in its place. */
export interface OpenedBatch {
	events: (SequencedEvent | UnknownEvent)[];
	next?: { epoch: number; key: string };
}

export const roomKeyFields = { epoch: wholeNumber, key: keyField };
const batchHeader = record({ ...placeInOrder, next: optional(record(roomKeyFields)) });

/** The JSON of a batch whose `events` are JSON already. */
export const batchJson = (head: BatchHeader, events: string): string =>
	`${JSON.stringify(head).slice(0, -1)},"events":${events}}`;

/** The first byte of a batch that is deflated; JSON begins with another. */
const DEFLATED = 0x01;
/**
 * Bytes that a batch may have as JSON. A member knows the room key, and could send the others a
 * token that inflates to gigabytes.
 */
export const MAX_BATCH_BYTES = 1024 * 1024;

/** Deflates the JSON of a batch (RFC 1951). */
export function deflateBatch(json: string): Uint8Array {
	const deflated = Bun.deflateSync(json, { level: 1, library: "libdeflate" });
	const marked = new Uint8Array(deflated.length + 1);
	marked[0] = DEFLATED;
	marked.set(deflated, 1);
	return marked;
}

/** The JSON in the bytes of a batch. Throws ProtocolError. */
export function inflateBatch(bytes: Uint8Array): Uint8Array {
	if (bytes[0] !== DEFLATED) return bytes;
	try {
		return inflateRaw(bytes.subarray(1), MAX_BATCH_BYTES);
	} catch (cause) {
		throw new ProtocolError(
			reason(
				"bad_message",
				`A batch does not inflate to JSON of at most ${MAX_BATCH_BYTES} bytes.`,
			),
			{ cause },
		);
	}
}

/** Opens a batch: every event gets its own `seq` and `at`. Throws ProtocolError. */
export function readBatch(value: unknown): OpenedBatch {
	const happened = isObject(value) ? value.events : undefined;
	if (!Array.isArray(happened) || !batchHeader.is(value)) {
		throw new ProtocolError(
			reason("bad_message", "A batch must have a seq, an at and a list of events."),
		);
	}
	const { seq, at, next } = pick(batchHeader, value);
	if (!wholeNumber.is(seq + happened.length)) {
		throw new ProtocolError(
			reason("bad_message", "A batch has more events than there are sequence numbers."),
		);
	}
	const events = happened.map((event, i) => readEvent(event, seq + i, at));
	return next ? { events, next } : { events };
}
