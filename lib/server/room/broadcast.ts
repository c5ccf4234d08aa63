import { generateKey } from "../../wire/crypto/fernet.ts";
import { RoomKey } from "../../wire/crypto/room-key.ts";
import type { RoomEvent } from "../../wire/messages/events.ts";
import type { History } from "./history.ts";
import type { Batch } from "./history-entry.ts";
import type { Member } from "./member.ts";

/**
 * Characters at which we close a batch. In JSON one may take six bytes, so that a batch is well
 * below MAX_BATCH_BYTES.
 */
const MAX_BATCH_CHARS = 96 * 1024;
/** Characters of an event besides its long fields. */
const EVENT_OVERHEAD = 128;
/** An event with the fields that may be long. */
interface EventWithText {
	readonly type: string;
	readonly text?: string;
	readonly reason?: string | undefined;
	readonly title?: string;
	readonly address?: string | undefined;
}

/**
 * Sends all that happens in one turn, usually as one token, the same for every member, under a key
 * that exactly its readers know. A member who joins gets a key that opened nothing before; a member
 * who leaves has none that opens what follows.
 */
export class Broadcast {
	readonly #history: History;
	readonly #wallNow: () => number;
	/** Events not sent yet, and when the first of them happened: that is the time of all of them. */
	#pending: RoomEvent[] = [];
	#at = 0;
	#sentSeq = 0;
	/** Nobody has key 0, so nothing is ever sealed under it. */
	#key = new RoomKey(0, generateKey());
	/** Somebody who has left knows the current key. */
	#isKeyRetired = false;

	/** `history` keeps every batch that is sent; `wallNow` returns milliseconds since 1970. */
	constructor(history: History, wallNow: () => number) {
		this.#history = history;
		this.#wallNow = wallNow;
	}

	/** The current key, for a member who may read what comes next. */
	get key(): { epoch: number; key: string } {
		const { epoch, key } = this.#key;
		return { epoch, key };
	}

	get isPending(): boolean {
		return this.#pending.length > 0;
	}

	/** The place of the last event that was sent. */
	get sentSeq(): number {
		return this.#sentSeq;
	}

	/** The last event's place in the room's one order, which counts from 1 and has no gaps. */
	get seq(): number {
		return this.#sentSeq + this.#pending.length;
	}

	add(event: RoomEvent): void {
		if (!this.isPending) this.#at = this.#wallNow();
		this.#pending.push(event);
	}

	/**
	 * Somebody who knows the key must read no more under it. All who leave before the next `send`
	 * share one new key.
	 */
	retireKey(): void {
		this.#isKeyRetired = true;
	}

	/**
	 * Sends the pending events. With `newcomers`, the last batch holds the key of all that follows,
	 * which they get too.
	 */
	send(readers: Member[], newcomers: boolean): void {
		// First, because a connection that breaks while we send adds events for the next turn.
		const batches = this.#take(newcomers);
		if (this.#isKeyRetired) this.#rekey(readers);
		const next = newcomers ? this.#key.next() : this.#key;
		const last = newcomers ? batches.at(-1) : undefined;
		const lines = batches.map((batch) => {
			const { seq, at, events } = batch;
			const head =
				batch === last ? { seq, at, next: { epoch: next.epoch, key: next.key } } : { seq, at };
			return this.#key.seal(head, events, readers.length);
		});
		// Writing costs more than sealing: the two parts of what a crowd's joining tells go as one.
		if (newcomers) lines.push(Buffer.concat(lines.splice(-2)));
		for (const line of lines) for (const member of readers) member.link?.sendRaw(line);
		this.#key = next;
	}

	/** Takes the pending events, and adds them to the history for members who come back. */
	#take(newcomers: boolean): Batch[] {
		const at = this.#at;
		// The batch with the next key is never deflated: it holds one event, so that the rest can be.
		const last = newcomers ? this.#pending.splice(-1) : [];
		const batches: Batch[] = [];
		for (const events of [...splitIntoBatches(this.#pending), ...splitIntoBatches(last)]) {
			const { length: count } = events;
			const seq = this.#sentSeq + 1;
			const batch = { seq, at, count, events: JSON.stringify(events) };
			this.#sentSeq += count;
			this.#history.append(batch);
			batches.push(batch);
		}
		this.#pending = [];
		return batches;
	}

	#rekey(readers: Member[]): void {
		this.#isKeyRetired = false;
		this.#key = this.#key.next();
		for (const member of readers) member.send({ type: "rekey", ...this.key });
	}
}

/** Splits events into batches that fit the limit on every reader's lines. */
export function splitIntoBatches<T extends EventWithText>(events: readonly T[]): T[][] {
	const batches: T[][] = [];
	let chars = MAX_BATCH_CHARS;
	for (const event of events) {
		if (chars >= MAX_BATCH_CHARS) {
			batches.push([]);
			chars = 0;
		}
		batches.at(-1)?.push(event);
		chars += charsOf(event);
	}
	return batches;
}

const charsOf = ({ text = "", reason = "", title = "", address = "" }: EventWithText): number =>
	EVENT_OVERHEAD + text.length + reason.length + title.length + address.length;
