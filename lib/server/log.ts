import { Fifo } from "../wire/fifo.ts";
import { type Happening, type RoomEvent, stamped, type Told } from "../wire/messages.ts";
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

/** What an entry costs beside its text, roughly: the log's bound is one of memory, not of text. */
const OVERHEAD = 256;

const countIn = (entry: Batched | Private): number => ("told" in entry ? 1 : entry.count);
/** The runtime keeps a character in two bytes at most. */
const bytesOf = (entry: Batched | Private): number =>
	OVERHEAD + 2 * ("told" in entry ? entry.told.text : entry.happenings).length;

/** The room's recent events, oldest dropped first: what a member that comes back has missed. */
export class EventLog {
	readonly #maxEvents: number;
	readonly #maxBytes: number;
	readonly #entries = new Fifo<Batched | Private>();
	#events = 0;
	#bytes = 0;
	#lastSeq = 0;

	/** Keeps `maxEvents`, and of the batch that the oldest of them is in all; within `maxBytes`. */
	constructor(maxEvents: number, maxBytes: number) {
		this.#maxEvents = maxEvents;
		this.#maxBytes = maxBytes;
	}

	append(batch: Batched): void {
		this.#lastSeq = batch.seq + batch.count - 1;
		this.#keep(batch);
	}

	/** Call it before `parties`, who are told a private line, are counted as told. */
	appendTold(told: Told, parties: readonly Member[]): void {
		const counts = new Map(parties.map((member) => [member, member.told + 1]));
		this.#keep({ told, counts });
	}

	#keep(entry: Batched | Private): void {
		this.#entries.push(entry);
		this.#events += countIn(entry);
		this.#bytes += bytesOf(entry);
		for (;;) {
			const oldest = this.#entries.first;
			if (!oldest) return;
			const isSpare = this.#events - countIn(oldest) >= this.#maxEvents;
			if (!isSpare && this.#bytes <= this.#maxBytes) return;
			this.#entries.shift();
			this.#events -= countIn(oldest);
			this.#bytes -= bytesOf(oldest);
		}
	}

	/**
	 * What a member has not got that got the events up to `seq` and the first `told` private lines,
	 * in order; `lost` says how many of them the log no longer has.
	 */
	since(
		member: Member,
		seq: number,
		told: number,
	): { missed: (RoomEvent | Told)[]; lost: { events: number; told: number } } {
		const missed: (RoomEvent | Told)[] = [];
		let nextSeq: number | undefined;
		let nextTold = member.told + 1;
		for (const entry of this.#entries) {
			if (!("told" in entry)) {
				nextSeq ??= entry.seq;
				if (entry.seq + entry.count > seq + 1) missed.push(...eventsAfter(seq, entry));
				continue;
			}
			const count = entry.counts.get(member);
			if (count === undefined || count <= told) continue;
			nextTold = Math.min(nextTold, count);
			missed.push(entry.told);
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
