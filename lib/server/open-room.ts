import { Room } from "./room/room.ts";
import type { RoomOptions } from "./room/room-options.ts";
import type { RoomSettings } from "./room-log/entry.ts";
import { LogClock } from "./room-log/log-clock.ts";
import { MemoryLog } from "./room-log/memory-log.ts";
import type { RoomLog } from "./room-log/room-log.ts";
import { SqliteLog } from "./room-log/sqlite-log.ts";
import { unusable } from "./room-log/unusable.ts";
import type { ServerOptions } from "./server-options.ts";

/** Milliseconds after which the other members learn that somebody's connection is broken. */
const AWAY_AFTER = 15_000;
/** Milliseconds for which a room that ends when it is empty waits with nobody connected. */
const DESERTED_GRACE = 120_000;

/** What the room needs from its server. */
type RoomParts = Pick<RoomOptions, "motd" | "moderation" | "atEndOfTurn" | "onEnd">;

/**
 * Opens the room, and the log that keeps it: a new one, or the one that an earlier server left. Throws
 * ChatError `room_log_unusable`.
 */
export function openRoom(options: ServerOptions, parts: RoomParts): { room: Room; log: RoomLog } {
	const opened = open(options, parts);
	if (!opened.room.hasEnded) return opened;
	// The server before this one was killed before it could delete it.
	opened.log.remove();
	const again = open(options, parts);
	if (!again.room.hasEnded) return again;
	again.log.close();
	throw unusable(`The room in ${options.room?.file} has ended. Delete it and its key.`);
}

function open(options: ServerOptions, parts: RoomParts): { room: Room; log: RoomLog } {
	const { fullCode, logger, clocks } = options;
	const roomLog = createLog(options);
	const room = new Room({
		...{ ...parts, roomLog, fullCode, now: clocks.now, settings: settingsOf(options) },
		log: (entry) => logger.log(entry),
	});
	return { room, log: roomLog };
}

function createLog({ room, limits, logger, clocks }: ServerOptions): RoomLog {
	const warn = (text: string): void => logger.log({ event: "warning", text });
	if (room) return new SqliteLog({ ...room, maxBytes: limits.logBytes, clocks, warn });
	return new MemoryLog(new LogClock(clocks, warn));
}

function settingsOf(options: ServerOptions): RoomSettings {
	const { limits, history, owners, title, stay, emailVisibility } = options;
	return {
		maxMembers: limits.maxMembers,
		grace: limits.grace * 1000,
		desertedGrace: stay ? null : DESERTED_GRACE,
		awayAfter: AWAY_AFTER,
		owners: [...owners],
		newcomerEvents: history,
		logEvents: limits.logEvents,
		logBytes: limits.logBytes,
		...{ stay, emailVisibility, title },
	};
}
