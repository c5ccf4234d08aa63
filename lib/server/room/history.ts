import { Queue } from "../../util/queue.ts";
import { type RoomEvent, type SequencedEvent, sequenced } from "../../wire/messages/events.ts";
import type { Told } from "../../wire/messages/messages.ts";
import type { Member } from "./member.ts";

/**
 * What one token told everybody: `count` events from `seq` on, as JSON, at `at` milliseconds since
 * 1970. Thousands of small long-lived objects cost the runtime more than parsing the JSON again for
 * a member who comes back.
 */
export interface Batch {
	readonly seq: number;
	readonly at: number;
	readonly count: number;
	readonly events: string;
}

/** A private message and its position in each participant's private sequence. */
interface Private {
	readonly told: Told;
	readonly author: Member;
	readonly counts: ReadonlyMap<Member, number>;
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
	readonly #maxEvents: number;
	readonly #maxBytes: number;
	readonly #entries = new Queue<Entry>();
	#eventCount = 0;
	#byteCount = 0;
	#lastSeq = 0;

	/**
	 * Keeps at least the last `maxEvents`, with the whole batch of the oldest, as long as all of it
	 * fits in `maxBytes`.
	 */
	constructor(maxEvents: number, maxBytes: number) {
		this.#maxEvents = maxEvents;
		this.#maxBytes = maxBytes;
	}

	append(batch: Batch): void {
		this.#lastSeq = batch.seq + batch.count - 1;
		this.#keep({
			what: batch,
			count: batch.count,
			bytes: BATCH_OVERHEAD + memoryBytes(batch.events),
		});
	}

	/** Call it before the `privateCount` of the participants counts the message. */
	appendPrivate(told: Told, author: Member, reader: Member): void {
		const counts = new Map([author, reader].map((member) => [member, member.privateCount + 1]));
		this.#keep({
			what: { told, author, counts },
			count: 1,
			bytes: PRIVATE_OVERHEAD + memoryBytes(told.text),
		});
	}

	#keep(entry: Entry): void {
		this.#entries.push(entry);
		this.#eventCount += entry.count;
		this.#byteCount += entry.bytes;
		let oldest = this.#entries.first;
		while (oldest && this.#isOverLimit(oldest)) {
			this.#entries.shift();
			this.#eventCount -= oldest.count;
			this.#byteCount -= oldest.bytes;
			oldest = this.#entries.first;
		}
	}

	#isOverLimit(oldest: Entry): boolean {
		return this.#eventCount - oldest.count >= this.#maxEvents || this.#byteCount > this.#maxBytes;
	}

	/**
	 * What a member has missed, in order, if it has all events up to `seq` and the first `heard` of its
	 * private messages. `lost` counts those that the history has dropped. Append all that happened
	 * first.
	 */
	missedSince(
		member: Member,
		seq: number,
		heard: number,
	): { missed: (SequencedEvent | Told)[]; lost: { events: number; private: number } } {
		const missed: (SequencedEvent | Told)[] = [];
		let nextSeq: number | undefined;
		let nextPrivate = member.privateCount + 1;
		for (const { what } of this.#entries) {
			if (!("told" in what)) {
				nextSeq ??= what.seq;
				if (what.seq + what.count > seq + 1) missed.push(...eventsAfter(seq, what));
				continue;
			}
			const count = what.counts.get(member);
			if (count === undefined || count <= heard) continue;
			nextPrivate = Math.min(nextPrivate, count);
			missed.push(what.told);
		}
		const lost = {
			events: Math.max(0, (nextSeq ?? this.#lastSeq + 1) - seq - 1),
			private: Math.max(0, nextPrivate - heard - 1),
		};
		return { missed, lost };
	}

	/** The authors of private messages that the reader never confirmed, with how many of each. */
	unconfirmed(reader: Member): ReadonlyMap<Member, number> {
		const authors = new Map<Member, number>();
		if (reader.privateConfirmed === reader.privateCount) return authors;
		for (const { what } of this.#entries) {
			if (!("told" in what) || what.author === reader) continue;
			if ((what.counts.get(reader) ?? 0) <= reader.privateConfirmed) continue;
			authors.set(what.author, (authors.get(what.author) ?? 0) + 1);
		}
		return authors;
	}
}

function eventsAfter(seq: number, { seq: first, at, events }: Batch): SequencedEvent[] {
	const all: RoomEvent[] = JSON.parse(events);
	return all.map((what, i) => sequenced(what, first + i, at)).filter((event) => event.seq > seq);
}
