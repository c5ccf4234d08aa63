import { generateKey } from "../../wire/fernet.ts";
import type { RoomEvent } from "../../wire/messages.ts";
import { RoomKey } from "../../wire/room-key.ts";
import type { Batch, History } from "./history.ts";
import type { Member } from "./member.ts";

/** Characters after which a batch is closed: JSON may spell one in six bytes, base64 three in four. */
const MAX_BATCH_CHARS = 96 * 1024;
/** What an event costs beside its text, roughly. */
const EVENT_OVERHEAD = 128;

/**
 * One token for all that happens in one turn, under a key that exactly its readers know. Whoever
 * joins gets a key that opened nothing before; whoever leaves knows none that opens what follows.
 */
export class Broadcast {
	readonly #history: History;
	readonly #now: () => number;
	/** What is still to be told, and when the first of it happened: the time of all of it. */
	#pending: RoomEvent[] = [];
	#at = 0;
	/** The place of the last happening that is pending no more. */
	#sentSeq = 0;
	/** Nobody has key 0, so nothing is ever said under it. */
	#key = new RoomKey(0, generateKey());
	/** Somebody who has left knows the key in force. */
	#isKeyRetired = false;

	/** What is told is kept in `log`; `now` is in milliseconds since 1970. */
	constructor(log: History, now: () => number) {
		this.#history = log;
		this.#now = now;
	}

	/** The key in force, for somebody who may read what comes next. */
	get key(): { epoch: number; key: string } {
		const { epoch, key } = this.#key;
		return { epoch, key };
	}

	get isPending(): boolean {
		return this.#pending.length > 0;
	}

	/** The last happening's place in the room's one order, which counts from 1 and has no gap. */
	get seq(): number {
		return this.#sentSeq + this.#pending.length;
	}

	add(event: RoomEvent): void {
		if (!this.isPending) this.#at = this.#now();
		this.#pending.push(event);
	}

	/** Somebody who knows the key must read no more under it. Leaves in between share one new key. */
	retireKey(): void {
		this.#isKeyRetired = true;
	}

	/** Sends what has happened; with `newcomers`, the key of what follows goes along, for them too. */
	send(readers: Member[], newcomers: boolean): void {
		// Before anything is told: whose connection breaks at it is what is pending next.
		const batches = this.#take();
		if (this.#isKeyRetired) this.#rekey(readers);
		const next = newcomers ? this.#key.next() : this.#key;
		const last = newcomers ? batches.at(-1) : undefined;
		for (const batch of batches) {
			const { seq, at, events } = batch;
			const head =
				batch === last ? { seq, at, next: { epoch: next.epoch, key: next.key } } : { seq, at };
			const line = this.#key.seal(head, events);
			for (const member of readers) member.link?.sendRaw(line);
		}
		this.#key = next;
	}

	/** Takes what is pending, and keeps it for who comes back. */
	#take(): Batch[] {
		const at = this.#at;
		const batches: Batch[] = [];
		for (const events of splitIntoBatches(this.#pending)) {
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

/** Events in batches that no reader's line limit is too short for. */
export function splitIntoBatches<T extends { text?: string } | object>(
	events: readonly T[],
): T[][] {
	const batches: T[][] = [];
	let chars = MAX_BATCH_CHARS;
	for (const event of events) {
		if (chars >= MAX_BATCH_CHARS) {
			batches.push([]);
			chars = 0;
		}
		batches.at(-1)?.push(event);
		chars += EVENT_OVERHEAD + ("text" in event && event.text ? event.text.length : 0);
	}
	return batches;
}
