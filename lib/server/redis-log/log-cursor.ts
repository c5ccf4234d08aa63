import { Queue } from "../../util/queue.ts";
import type { Entry } from "../room-log/entry.ts";
import type { Stamp } from "../room-log/room-log.ts";
import { RoomLost, unusable } from "../room-log/unusable.ts";
import { type Item, padded, timeOf } from "./redis-stream.ts";
import { type StoredSnapshot, VERSION } from "./stored-record.ts";

/**
 * Milliseconds by which the room's time advances at most from one record to the next. Servers write
 * more often, so that only an outage is longer: it must cost no member its place.
 */
export const MAX_STEP = 4000;
/** Servers whose last entry we remember: beyond it we forget the one heard from longest ago. */
const MAX_SERVERS = 1000;
/** In place of a record's id: before the first. */
const BEFORE_ALL = "0-0";

/** Where a server is in a room's log, as it reads on. */
export class LogCursor {
	readonly room: string;
	/** Of the last record that was read. */
	id: string;
	stamp: Stamp;
	/** The number of each server's last entry, the one heard from longest ago first. */
	readonly #counts = new Map<string, number>();
	/** Of the records since the snapshot. */
	readonly #sizes = new Queue<{ readonly id: string; readonly bytes: number }>();
	/** Bytes of these records. */
	bytes = 0;

	/** Begins behind a snapshot, or else before the first record of a room. */
	constructor(room: string, id = BEFORE_ALL, snapshot?: StoredSnapshot) {
		this.room = room;
		this.id = id;
		this.stamp = snapshot?.stamp ?? { at: 0, time: 0 };
	}

	/** Moves on to the next record. Throws ChatError `room_log_unusable`, and then stays where it was. */
	advance({ id, record, bytes }: Item): readonly Entry[] {
		if (record && record.v > VERSION) throw newer();
		// A server that has yet to notice that its own room is gone may write to ours.
		const ours = record?.room === this.room ? record : null;
		if (ours?.isOver) throw wentBack();
		const entries = ours?.entries ?? [];
		for (const { server, n } of entries) {
			// What Redis has forgotten leaves a gap.
			const last = this.#counts.get(server) ?? n - 1;
			if (n > last + 1) throw wentBack();
			this.#counts.delete(server);
			this.#counts.set(server, Math.max(n, last));
		}
		const [oldest] = this.#counts.keys();
		if (oldest !== undefined && this.#counts.size > MAX_SERVERS) this.#counts.delete(oldest);
		const at = Math.max(this.stamp.at, timeOf(id));
		const time = this.stamp.time + Math.min(at - this.stamp.at, MAX_STEP);
		this.stamp = { at, time };
		this.id = id;
		this.bytes += bytes;
		this.#sizes.push({ id, bytes });
		return entries;
	}

	/** There is a snapshot: the records up to this id no longer count. */
	forgetUpTo(id: string): void {
		const last = padded(id);
		for (let size = this.#sizes.first; size && padded(size.id) <= last; size = this.#sizes.first) {
			this.bytes -= size.bytes;
			this.#sizes.shift();
		}
	}

	/** Whether the record with this id has been read. */
	hasReached(id: string): boolean {
		return padded(this.id) >= padded(id);
	}
}

export const newer = () =>
	unusable("A newer version of fernet-chat serves this room. Start this server again as that one.");

export const wentBack = () =>
	new RoomLost(
		"The room in Redis is gone, or Redis has forgotten what members have heard already. So the room has ended. Start the server again for a new one.",
	);
