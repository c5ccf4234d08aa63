import { generateKey } from "../../wire/fernet.ts";
import type { Happening } from "../../wire/messages.ts";
import { RoomKey } from "../../wire/room-key.ts";
import type { Batched, EventLog } from "./history.ts";
import type { Member } from "./member.ts";

/** Characters after which a batch is closed: JSON may spell one in six bytes, base64 three in four. */
const BATCH_CHARS = 96 * 1024;
/** What an event costs beside its text, roughly. */
const OVERHEAD = 128;

/**
 * One token for all that happens in one turn, under a key that exactly its readers know. Whoever
 * joins gets a key that opened nothing before; whoever leaves knows none that opens what follows.
 */
export class Broadcast {
	readonly #log: EventLog;
	readonly #now: () => number;
	/** What is still to be told, and when the first of it happened: the time of all of it. */
	#happenings: Happening[] = [];
	#at = 0;
	/** The place of the last happening that is pending no more. */
	#taken = 0;
	/** Nobody has key 0, so nothing is ever said under it. */
	#key = new RoomKey(0, generateKey());
	/** Somebody who has left knows the key in force. */
	#isStale = false;

	/** What is told is kept in `log`; `now` is in milliseconds since 1970. */
	constructor(log: EventLog, now: () => number) {
		this.#log = log;
		this.#now = now;
	}

	/** The key in force, for somebody who may read what comes next. */
	get key(): { epoch: number; key: string } {
		const { epoch, key } = this.#key;
		return { epoch, key };
	}

	get isPending(): boolean {
		return this.#happenings.length > 0;
	}

	/** The last happening's place in the room's one order, which counts from 1 and has no gap. */
	get seq(): number {
		return this.#taken + this.#happenings.length;
	}

	add(happening: Happening): void {
		if (!this.isPending) this.#at = this.#now();
		this.#happenings.push(happening);
	}

	/** Somebody who knows the key must read no more under it. Leaves in between share one new key. */
	retireKey(): void {
		this.#isStale = true;
	}

	/** Sends what has happened; with `newcomers`, the key of what follows goes along, for them too. */
	send(readers: Member[], newcomers: boolean): void {
		// Before anything is told: whose connection breaks at it is what is pending next.
		const batches = this.#take();
		if (this.#isStale) this.#rekey(readers);
		const next = newcomers ? this.#key.next() : this.#key;
		const last = newcomers ? batches.at(-1) : undefined;
		for (const batch of batches) {
			const { seq, at, happenings } = batch;
			const head =
				batch === last ? { seq, at, next: { epoch: next.epoch, key: next.key } } : { seq, at };
			const line = this.#key.seal(head, happenings);
			for (const member of readers) member.link?.deliver(line);
		}
		this.#key = next;
	}

	/** Takes what is pending, and keeps it for who comes back. */
	#take(): Batched[] {
		const at = this.#at;
		const batches: Batched[] = [];
		for (const happenings of split(this.#happenings)) {
			const { length: count } = happenings;
			const seq = this.#taken + 1;
			const batch = { seq, at, count, happenings: JSON.stringify(happenings) };
			this.#taken += count;
			this.#log.append(batch);
			batches.push(batch);
		}
		this.#happenings = [];
		return batches;
	}

	#rekey(readers: Member[]): void {
		this.#isStale = false;
		this.#key = this.#key.next();
		for (const member of readers) member.tell({ type: "rekey", ...this.key });
	}
}

/** Events in batches that no reader's line limit is too short for. */
export function split<T extends { text?: string } | object>(events: readonly T[]): T[][] {
	const batches: T[][] = [];
	let chars = BATCH_CHARS;
	for (const event of events) {
		if (chars >= BATCH_CHARS) {
			batches.push([]);
			chars = 0;
		}
		batches.at(-1)?.push(event);
		chars += OVERHEAD + ("text" in event && event.text ? event.text.length : 0);
	}
	return batches;
}
