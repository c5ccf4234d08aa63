import { Fifo } from "../wire/fifo.ts";
import { type Happening, type RoomEvent, stamped, type Told } from "../wire/messages.ts";
import type { Member } from "./member.ts";

interface Entry {
	readonly what: Happening | Told;
	/** Of what was said to all; a private line has no number, and its time in itself. */
	readonly seq: number;
	readonly at: number;
	/** Of a private line: who was told it, and as the how-manieth of theirs. */
	readonly parties: ReadonlyMap<Member, number>;
	readonly bytes: number;
}

/** What an event costs beside its text, roughly: the log's bound is one of memory, not of text. */
const OVERHEAD = 256;
/** Whose a thing is that was said to all. */
const NOBODY: ReadonlyMap<Member, number> = new Map();

/** The room's recent events, oldest dropped first: what a member that comes back has missed. */
export class EventLog {
	readonly #maxEvents: number;
	readonly #maxBytes: number;
	readonly #entries = new Fifo<Entry>();
	#bytes = 0;
	#lastSeq = 0;

	constructor(maxEvents: number, maxBytes: number) {
		this.#maxEvents = maxEvents;
		this.#maxBytes = maxBytes;
	}

	append(happening: Happening, seq: number, at: number): void {
		this.#lastSeq = seq;
		this.#keep(happening, seq, at, NOBODY);
	}

	/** Call it before `parties`, who are told a private line, are counted as told. */
	appendTold(told: Told, parties: readonly Member[]): void {
		this.#keep(told, 0, told.at, counted(parties));
	}

	#keep(what: Happening | Told, seq: number, at: number, parties: Entry["parties"]): void {
		const bytes = OVERHEAD + ("text" in what ? Buffer.byteLength(what.text) : 0);
		this.#entries.push({ what, seq, at, parties, bytes });
		this.#bytes += bytes;
		while (this.#entries.length > this.#maxEvents || this.#bytes > this.#maxBytes) {
			this.#bytes -= this.#entries.shift()?.bytes ?? 0;
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
		for (const { what, seq: place, at, parties } of this.#entries) {
			if (what.type !== "told") {
				nextSeq ??= place;
				if (place > seq) missed.push(stamped(what, place, at));
				continue;
			}
			const count = parties.get(member);
			if (count === undefined || count <= told) continue;
			nextTold = Math.min(nextTold, count);
			missed.push(what);
		}
		const lost = {
			events: Math.max(0, (nextSeq ?? this.#lastSeq + 1) - seq - 1),
			told: Math.max(0, nextTold - told - 1),
		};
		return { missed, lost };
	}
}

const counted = (parties: readonly Member[]): ReadonlyMap<Member, number> =>
	new Map(parties.map((member) => [member, member.told + 1]));
