import { Fifo } from "../../util/queue.ts";
import { type Happening, type RoomEvent, stamped, type Told } from "../../wire/messages.ts";
import type { Member } from "./member.ts";

/**
 * What one token told everybody: `count` happenings from `seq` on, as JSON. Thousands of small
 * objects that live long cost the runtime more than it takes to read them again for who comes back.
 */
export interface Batched {
	readonly seq: number;
	readonly at: number;
	readonly count: number;
	readonly happenings: string;
}

/** A private line, and who was told it, as the how-manieth of theirs. */
interface Private {
	readonly told: Told;
	readonly counts: ReadonlyMap<Member, number>;
}

interface Entry {
	readonly what: Batched | Private;
	/** How many events, or private lines. */
	readonly count: number;
	readonly bytes: number;
}

/** What each costs beside its text, roughly: the log's bound is one of memory, not of text. */
const BATCH = 128;
const PRIVATE = 512;

/** The runtime keeps all of a text in two bytes a character when one of them needs it. */
const bytesIn = (text: string): number =>
	Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;

/** The room's recent events, oldest dropped first: what a member that comes back has missed. */
export class EventLog {
	readonly #maxEvents: number;
	readonly #maxBytes: number;
	readonly #entries = new Fifo<Entry>();
	#events = 0;
	#bytes = 0;
	#lastSeq = 0;

	/** Keeps at least the last `maxEvents`, with the whole batch of the oldest, within `maxBytes`. */
	constructor(maxEvents: number, maxBytes: number) {
		this.#maxEvents = maxEvents;
		this.#maxBytes = maxBytes;
	}

	append(batch: Batched): void {
		this.#lastSeq = batch.seq + batch.count - 1;
		this.#keep({ what: batch, count: batch.count, bytes: BATCH + bytesIn(batch.happenings) });
	}

	/** Call it before `parties`, who are told a private line, are counted as told of it. */
	appendTold(told: Told, parties: readonly Member[]): void {
		const counts = new Map(parties.map((member) => [member, member.told + 1]));
		this.#keep({ what: { told, counts }, count: 1, bytes: PRIVATE + bytesIn(told.text) });
	}

	#keep(entry: Entry): void {
		this.#entries.push(entry);
		this.#events += entry.count;
		this.#bytes += entry.bytes;
		let oldest = this.#entries.first;
		while (oldest && this.#mustGo(oldest)) {
			this.#entries.shift();
			this.#events -= oldest.count;
			this.#bytes -= oldest.bytes;
			oldest = this.#entries.first;
		}
	}

	#mustGo(oldest: Entry): boolean {
		return this.#events - oldest.count >= this.#maxEvents || this.#bytes > this.#maxBytes;
	}

	/**
	 * What a member has not got that got the events up to `seq` and the first `told` private lines,
	 * in order; `lost` says how many of them the log no longer has. All must have been appended.
	 */
	since(
		member: Member,
		seq: number,
		told: number,
	): { missed: (RoomEvent | Told)[]; lost: { events: number; told: number } } {
		const missed: (RoomEvent | Told)[] = [];
		let nextSeq: number | undefined;
		let nextTold = member.told + 1;
		for (const { what } of this.#entries) {
			if (!("told" in what)) {
				nextSeq ??= what.seq;
				if (what.seq + what.count > seq + 1) missed.push(...eventsAfter(seq, what));
				continue;
			}
			const count = what.counts.get(member);
			if (count === undefined || count <= told) continue;
			nextTold = Math.min(nextTold, count);
			missed.push(what.told);
		}
		const lost = {
			events: Math.max(0, (nextSeq ?? this.#lastSeq + 1) - seq - 1),
			told: Math.max(0, nextTold - told - 1),
		};
		return { missed, lost };
	}
}

function eventsAfter(seq: number, { seq: first, at, happenings }: Batched): RoomEvent[] {
	const all: Happening[] = JSON.parse(happenings);
	return all.map((what, i) => stamped(what, first + i, at)).filter((event) => event.seq > seq);
}
