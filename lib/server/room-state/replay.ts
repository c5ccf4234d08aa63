import { type RoomEvent, sequenced } from "../../wire/messages/events.ts";
import { type Batch, type Private, positionIn } from "./history-entry.ts";
import type { Member } from "./member.ts";
import type { Missed } from "./presence.ts";

/** Characters of JSON at which a `replay` is closed. */
const MAX_REPLAY_CHARS = 32 * 1024;

/** What a replay reads. */
interface Entries {
	/** Undefined if there is no such entry yet, null if it has been dropped. */
	entryAt(index: number): Batch | Private | undefined | null;
}

/**
 * What one member has missed, read from the history piece by piece as the member takes it, with
 * whatever happens meanwhile.
 */
export class Replay implements Missed {
	readonly #entries: Entries;
	readonly #member: Member;
	#index: number;
	readonly #known: { readonly seq: number; readonly heard: number };

	/** Begins at an index of the history, and leaves out what the member knows already. */
	constructor(
		entries: Entries,
		member: Member,
		index: number,
		known: { seq: number; heard: number },
	) {
		this.#entries = entries;
		this.#member = member;
		this.#index = index;
		this.#known = known;
	}

	/** The next items, as the JSON of a list; null if there is nothing more, or no more to be had. */
	next(): string | null {
		const items: string[] = [];
		let chars = 0;
		for (let entry = this.#entry; entry && chars < MAX_REPLAY_CHARS; entry = this.#entry) {
			this.#index++;
			for (const json of this.#unknown(entry)) {
				items.push(json);
				chars += json.length;
			}
		}
		return items.length > 0 ? `[${items.join()}]` : null;
	}

	/** The history has dropped what comes next: the member reads too slowly. */
	get isCutOff(): boolean {
		return this.#entry === null;
	}

	get #entry(): Batch | Private | undefined | null {
		return this.#entries.entryAt(this.#index);
	}

	#unknown(entry: Batch | Private): string[] {
		const { seq, heard } = this.#known;
		if ("told" in entry) {
			return positionIn(entry, this.#member.visit) > heard ? [entry.told] : [];
		}
		if (entry.seq + entry.count <= seq + 1) return [];
		const events: RoomEvent[] = JSON.parse(entry.events);
		return events
			.map((event, i) => sequenced(event, entry.seq + i, entry.at))
			.filter((event) => event.seq > seq)
			.map((event) => JSON.stringify(event));
	}
}
