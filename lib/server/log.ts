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

/** What each costs beside its text, roughly: the log's bound is one of memory, not of text. */
const BATCH = 128;
const PRIVATE = 512;

const countIn = (entry: Batched | Private): number => ("told" in entry ? 1 : entry.count);

const bytesOf = (entry: Batched | Private): number =>
	"told" in entry ? PRIVATE + bytesIn(entry.told.text) : BATCH + bytesIn(entry.happenings);

/** The runtime keeps all of a text in two bytes a character when one of them needs it. */
const bytesIn = (text: string): number =>
	Buffer.byteLength(text) === text.length ? text.length : 2 * text.length;

/** The room's recent events, oldest dropped first: what a member that comes back has missed. */
export class EventLog {
	readonly #maxEvents: number;
	readonly #maxBytes: number;
	readonly #entries = new Fifo<Batched | Private>();
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
		this.#keep(batch);
	}

	/** Call it before `parties`, who are told a private line, are counted as told of it. */
	appendTold(told: Told, parties: readonly Member[]): void {
		const counts = new Map(parties.map((member) => [member, member.told + 1]));
		this.#keep({ told, counts });
	}

	#keep(entry: Batched | Private): void {
		this.#entries.push(entry);
		this.#events += countIn(entry);
		this.#bytes += bytesOf(entry);
		let oldest = this.#entries.first;
		while (oldest && this.#isTooMuch(countIn(oldest))) {
			this.#entries.shift();
			this.#events -= countIn(oldest);
			this.#bytes -= bytesOf(oldest);
			oldest = this.#entries.first;
		}
	}

	/** Whether the oldest entry, of so many events, must go. */
	#isTooMuch(oldest: number): boolean {
		return this.#events - oldest >= this.#maxEvents || this.#bytes > this.#maxBytes;
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
