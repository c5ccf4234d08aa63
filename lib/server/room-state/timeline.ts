import type { RoomEvent } from "../../wire/messages/events.ts";
import type { History } from "./history.ts";
import type { Batch } from "./history-entry.ts";

/**
 * Characters at which we close a batch. In JSON one may take six bytes, so that a batch is well
 * below MAX_BATCH_BYTES.
 */
const MAX_BATCH_CHARS = 96 * 1024;
/** Characters of an event besides its long fields. */
const EVENT_OVERHEAD = 128;
/** An event with the fields that may be long. */
interface EventWithText {
	readonly type: string;
	readonly text?: string;
	readonly reason?: string | undefined;
	readonly title?: string;
	readonly address?: string | undefined;
}

/** Gives events their places in the room's one order, and makes batches of them for the history. */
export class Timeline {
	readonly #history: History;
	#pending: RoomEvent[] = [];

	constructor(history: History) {
		this.#history = history;
	}

	/** The last event's place in the order, which counts from 1 and has no gaps. */
	get seq(): number {
		return this.#history.lastSeq + this.#pending.length;
	}

	get isPending(): boolean {
		return this.#pending.length > 0;
	}

	add(event: RoomEvent): void {
		this.#pending.push(event);
	}

	/**
	 * Takes what was added as batches, which happened at `at`, and keeps them in the history. With
	 * `hasNewcomers`, the last event is a batch of its own: the next key goes with it, so that it is
	 * never deflated, and the rest can be.
	 */
	takeBatches(at: number, hasNewcomers: boolean): Batch[] {
		const last = hasNewcomers ? this.#pending.splice(-1) : [];
		const batches: Batch[] = [];
		for (const events of [...splitIntoBatches(this.#pending), ...splitIntoBatches(last)]) {
			const { length: count } = events;
			const seq = this.#history.lastSeq + 1;
			const batch = { seq, at, count, events: JSON.stringify(events) };
			this.#history.append(batch);
			batches.push(batch);
		}
		this.#pending = [];
		return batches;
	}
}

/** Splits events into batches that fit the limit on every reader's lines. */
export function splitIntoBatches<T extends EventWithText>(events: readonly T[]): T[][] {
	const batches: T[][] = [];
	let chars = MAX_BATCH_CHARS;
	for (const event of events) {
		if (chars >= MAX_BATCH_CHARS) {
			batches.push([]);
			chars = 0;
		}
		batches.at(-1)?.push(event);
		chars += charsOf(event);
	}
	return batches;
}

const charsOf = ({ text = "", reason = "", title = "", address = "" }: EventWithText): number =>
	EVENT_OVERHEAD + text.length + reason.length + title.length + address.length;
