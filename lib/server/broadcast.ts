import { RoomKey } from "../wire/channel.ts";
import { generateKey } from "../wire/fernet.ts";
import type { Batch, Happening } from "../wire/messages.ts";
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
	/** What is still to be told, with the number and the time of the first of it. */
	#happenings: Happening[] = [];
	#seq = 0;
	#at = 0;
	/** Nobody has key 0, so nothing is ever said under it. */
	#key = new RoomKey(0, generateKey());
	/** Somebody who has left knows the key in force. */
	#isStale = false;

	/** The key in force, for somebody who may read what comes next. */
	get key(): { epoch: number; key: string } {
		const { epoch, key } = this.#key;
		return { epoch, key };
	}

	get isPending(): boolean {
		return this.#happenings.length > 0;
	}

	/** All that is pending at once must have one time, and numbers without a gap. */
	add(happening: Happening, seq: number, at: number): void {
		if (!this.isPending) {
			this.#seq = seq;
			this.#at = at;
		}
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
		const last = batches.at(-1);
		if (last && newcomers) last.next = { epoch: next.epoch, key: next.key };
		for (const batch of batches) {
			const line = this.#key.seal(batch);
			for (const member of readers) member.link?.deliver(line);
		}
		this.#key = next;
	}

	#take(): Batch[] {
		const at = this.#at;
		let seq = this.#seq;
		const batches: Batch[] = [];
		for (const events of split(this.#happenings)) {
			batches.push({ seq, at, events });
			seq += events.length;
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
