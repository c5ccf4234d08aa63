import { Queue } from "../../util/queue.ts";
import { type Batch, type Private, positionIn } from "./history-entry.ts";
import type { Member } from "./member.ts";
import type { Missed } from "./presence.ts";
import { Replay } from "./replay.ts";

/** How much of what a member has missed nobody can bring back. */
interface Lost {
	readonly events: number;
	readonly private: number;
}

/** Where a replay begins. */
export interface Start {
	readonly index: number;
	readonly seq: number;
}

/** What a snapshot keeps of the history. */
export interface HistoryJson {
	readonly lastSeq: number;
	readonly entries: readonly (Batch | Private)[];
}

interface Entry {
	readonly what: Batch | Private;
	/** The number of events, or of private messages. */
	readonly count: number;
	readonly bytes: number;
}

/** About what each takes besides its text, in bytes: the limit is on memory, not on text. */
const BATCH_OVERHEAD = 128;
const PRIVATE_OVERHEAD = 512;

/** If one character of a text needs two bytes, the runtime uses two bytes for each of them. */
const memoryBytes = (text: string): number =>
	Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;

/** The room's recent events, for members who come back. Drops the oldest first. */
export class History {
	#maxEvents: number;
	#maxBytes: number;
	readonly #entries = new Queue<Entry>();
	/** How many entries have been dropped. */
	#dropped = 0;
	#eventCount = 0;
	#byteCount = 0;
	#lastSeq = 0;

	/**
	 * Keeps at least the last `maxEvents`, with the whole batch of the oldest, as long as all of it
	 * fits in `maxBytes`, which is memory, roughly.
	 */
	constructor(maxEvents: number, maxBytes: number, json?: HistoryJson) {
		this.#maxEvents = maxEvents;
		this.#maxBytes = maxBytes;
		for (const what of json?.entries ?? []) this.#keep(what);
		this.#lastSeq = json?.lastSeq ?? 0;
	}

	toJSON(): HistoryJson {
		return { lastSeq: this.#lastSeq, entries: Array.from(this.#entries, ({ what }) => what) };
	}

	/** Of memory, roughly. */
	get maxBytes(): number {
		return this.#maxBytes;
	}

	/** The place of the last event. */
	get lastSeq(): number {
		return this.#lastSeq;
	}

	setLimits(maxEvents: number, maxBytes: number): void {
		this.#maxEvents = maxEvents;
		this.#maxBytes = maxBytes;
		this.#dropOldest();
	}

	append(batch: Batch): void {
		this.#lastSeq = batch.seq + batch.count - 1;
		this.#keep(batch);
	}

	/** `told` is JSON. Call it before the participants' `privateCount` counts the message. */
	appendPrivate(told: string, author: Member, reader: Member): void {
		this.#keep({
			told,
			author: [author.visit, author.privateCount + 1],
			reader: [reader.visit, reader.privateCount + 1],
		});
	}

	#keep(what: Batch | Private): void {
		const entry = { what, ...sizeOf(what) };
		this.#entries.push(entry);
		this.#eventCount += entry.count;
		this.#byteCount += entry.bytes;
		this.#dropOldest();
	}

	#dropOldest(): void {
		let oldest = this.#entries.first;
		while (oldest && this.#isOverLimit(oldest)) {
			this.#entries.shift();
			this.#dropped++;
			this.#eventCount -= oldest.count;
			this.#byteCount -= oldest.bytes;
			oldest = this.#entries.first;
		}
	}

	#isOverLimit(oldest: Entry): boolean {
		return this.#eventCount - oldest.count >= this.#maxEvents || this.#byteCount > this.#maxBytes;
	}

	/**
	 * What a member has missed, if it has all events up to `seq` and the first `heard` of its private
	 * messages. `lost` counts those that the history has dropped. Append all that happened first.
	 */
	since(member: Member, seq: number, heard: number): { missed: Missed; lost: Lost } {
		let nextSeq: number | undefined;
		let nextPrivate = member.privateCount + 1;
		let start: number | undefined;
		let index = this.#dropped;
		for (const { what } of this.#entries) {
			const count = "told" in what ? positionIn(what, member.visit) : 0;
			if (!("told" in what)) nextSeq ??= what.seq;
			else if (count > heard) nextPrivate = Math.min(nextPrivate, count);
			// Not at the oldest entry, which the next event may push out.
			if ("told" in what ? count > heard : what.seq + what.count > seq + 1) start ??= index;
			index++;
		}
		const lost = {
			events: Math.max(0, (nextSeq ?? this.#lastSeq + 1) - seq - 1),
			private: Math.max(0, nextPrivate - heard - 1),
		};
		return { missed: new Replay(this, member, start ?? index, { seq, heard }), lost };
	}

	/**
	 * Where the events after `seq` begin, or those of them that are left: the index of the entry, and
	 * the number of the event before.
	 */
	startAfter(seq: number): Start {
		let start = { index: this.#dropped + this.#entries.length, seq: this.#lastSeq };
		// From the end: a newcomer gets few of many.
		for (let i = this.#entries.length - 1; i >= 0 && start.seq > seq; i--) {
			const what = this.#entries.at(i)?.what;
			if (!what || "told" in what) continue;
			start = { index: this.#dropped + i, seq: Math.max(seq, what.seq - 1) };
		}
		return start;
	}

	/** The `index`-th entry ever; undefined if there is none yet, null if it has been dropped. */
	entryAt(index: number): Batch | Private | undefined | null {
		return index < this.#dropped ? null : this.#entries.at(index - this.#dropped)?.what;
	}

	/** The visits of authors whose private messages the reader never confirmed, with how many of each. */
	unconfirmed(reader: Member): ReadonlyMap<string, number> {
		const authors = new Map<string, number>();
		if (reader.privateConfirmed === reader.privateCount) return authors;
		for (const { what } of this.#entries) {
			if (!("told" in what) || what.author[0] === reader.visit) continue;
			if (positionIn(what, reader.visit) <= reader.privateConfirmed) continue;
			const [author] = what.author;
			authors.set(author, (authors.get(author) ?? 0) + 1);
		}
		return authors;
	}
}

/** The number of events or private messages, and the bytes of memory. */
const sizeOf = (what: Batch | Private): { count: number; bytes: number } =>
	"told" in what
		? { count: 1, bytes: PRIVATE_OVERHEAD + memoryBytes(what.told) }
		: { count: what.count, bytes: BATCH_OVERHEAD + memoryBytes(what.events) };
