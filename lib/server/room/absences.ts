import type { Change } from "../room-log/entry.ts";
import type { Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";
import { batchPause } from "./join-batcher.ts";

// Members whose connection broke, and servers: how long the room waits for them, in the log's time.

/** Whether the others must hear that a member is away. */
export function isAwayDue(
	{ settings, stamp }: RoomState,
	{ offlineSince, awaySince }: Member,
	time = stamp.time,
): boolean {
	if (offlineSince === null || awaySince !== null) return false;
	return time - offlineSince >= settings.awayAfter;
}

/** Whether a member has not come back in time. */
export function isExpired(
	state: RoomState,
	{ offlineSince }: Member,
	time = state.stamp.time,
): boolean {
	if (offlineSince === null) return false;
	return time - offlineSince >= state.settings.grace || state.isDesertedAt(time);
}

/**
 * Finds what is to be proposed by now about members, and servers, of which nothing is heard. In a
 * large room, overdue members leave together, like those who say goodbye: each time costs a new key.
 */
export class Absences {
	/** When the last were found, in the log's time. */
	#foundAt = Number.NEGATIVE_INFINITY;

	due(state: RoomState, time: number): readonly Change[] {
		if (time - this.#foundAt < batchPause(state.members.size)) return [];
		const due = [...dueChanges(state, time)];
		if (due.length > 0) this.#foundAt = time;
		return due;
	}
}

function* dueChanges(state: RoomState, time: number): Generator<Change> {
	for (const member of state.members) {
		if (isExpired(state, member, time)) {
			yield { kind: "left", ...member.visitor, code: "grace_expired" };
		} else if (isAwayDue(state, member, time)) {
			yield { kind: "away", ...member.visitor };
		}
	}
	const { lease } = state.settings;
	for (const server of lease === null ? [] : state.servers.silent(time, lease)) {
		yield { kind: "dead", server };
	}
}
