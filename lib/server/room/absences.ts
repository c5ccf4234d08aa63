import type { Member } from "../room-state/member.ts";
import type { RoomState } from "../room-state/room-state.ts";

// Members whose connection broke: for how long the room keeps their places, in the log's time.

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
