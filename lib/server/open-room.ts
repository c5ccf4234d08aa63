import type { ChatError } from "../util/errors.ts";
import type { SharedBans } from "./accounts/shared-bans.ts";
import type { Logger } from "./log/logger.ts";
import { Room } from "./room/room.ts";
import type { RoomOptions } from "./room/room-options.ts";
import { LogClock } from "./room-log/log-clock.ts";
import { MemoryLog } from "./room-log/memory-log.ts";
import type { RoomLog } from "./room-log/room-log.ts";
import type { RoomSettings } from "./room-log/room-settings.ts";
import { unusable } from "./room-log/unusable.ts";
import type { ServerOptions } from "./server-options.ts";
import { StoreUnavailable } from "./storage/store-unavailable.ts";

/** Milliseconds after which the other members learn that somebody's connection is broken. */
const AWAY_AFTER = 15_000;
/** Milliseconds for which a room that ends when it is empty waits with nobody connected. */
const DESERTED_GRACE = 120_000;

/** Milliseconds after which the servers of a room take one of them for dead. */
const LEASE = 10_000;

/** Milliseconds that the log may take for a server's first entry. */
const START_TIME = 15_000;
const TOO_LATE =
	"Redis does not take this server's first entry. Its memory or its disk may be full: see its log, and the warnings above.";

/** What the room needs from its server. */
interface RoomParts
	extends Pick<RoomOptions, "motd" | "moderation" | "atEndOfTurn" | "onEnd" | "onFailure"> {
	/** Keeps the bans, which outlive the room, if it has several servers. */
	readonly sharedBans: SharedBans | undefined;
}
interface OpenRoom {
	readonly room: Room;
	readonly log: RoomLog;
}

/**
 * Opens the room, and the log that keeps it: a new one, or the one that an earlier server left. Throws
 * ChatError `room_log_unusable`.
 */
export async function openRoom(options: ServerOptions, parts: RoomParts): Promise<OpenRoom> {
	const opened = await open(options, parts);
	if (!opened.room.hasEnded) return opened;
	// The server before this one was killed before it could delete it.
	await removeRoom(opened, parts.sharedBans, options.logger);
	const again = await open(options, parts);
	if (!again.room.hasEnded) return again;
	await again.log.close();
	throw unusable("The room that is kept there has ended, but cannot be deleted.");
}

/** The room has ended: nothing stays of it but its bans. */
export async function removeRoom(
	{ room, log }: OpenRoom,
	sharedBans: SharedBans | undefined,
	logger: Logger,
): Promise<void> {
	const { bans, banVersion = null } = room.snapshot();
	try {
		await sharedBans?.keep({ bans: new Set(bans), banVersion });
	} catch (error) {
		if (!(error instanceof StoreUnavailable)) throw error;
		const text = "The room has ended, but its bans could not be kept, so neither is it deleted.";
		logger.log({ event: "warning", text: `${text} The next server does both.` });
		return log.close();
	}
	await log.remove();
}

async function open(options: ServerOptions, parts: RoomParts): Promise<OpenRoom> {
	const { fullCode, logger, clocks } = options;
	const started = Promise.withResolvers<void>();
	const onFailure = (error: ChatError): void => {
		started.reject(error);
		parts.onFailure(error);
	};
	const log = await createLog(options, onFailure);
	const room = new Room({
		...{ ...parts, roomLog: log, fullCode, now: clocks.now, settings: settingsOf(options) },
		log: (entry) => logger.log(entry),
		...{ onStart: started.resolve, onFailure },
	});
	// A log of this server alone has taken our first entry by now, or its disk is full.
	if (!log.isAlone) await untilStarted(started.promise, log);
	return { room, log };
}

/** Throws ChatError `room_log_unusable`, and closes the log, if our first entry gets no place. */
async function untilStarted(started: Promise<void>, log: RoomLog): Promise<void> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(() => late.reject(unusable(TOO_LATE)), START_TIME);
	try {
		await Promise.race([started, late.promise]);
	} catch (error) {
		await log.close();
		throw error;
	} finally {
		clearTimeout(timer);
	}
}

async function createLog(
	{ room, limits, logger, clocks }: ServerOptions,
	onFailure: (error: ChatError) => void,
): Promise<RoomLog> {
	const warn = (text: string): void => logger.log({ event: "warning", text });
	if (room === null) return new MemoryLog(new LogClock(clocks, warn));
	const { key } = room;
	const { logBytes: maxBytes } = limits;
	// Loaded on demand: most rooms are kept in memory alone.
	if ("file" in room) {
		const { SqliteLog } = await import("./sqlite-log/sqlite-log.ts");
		return new SqliteLog({ file: room.file, key, maxBytes, clocks, warn });
	}
	const { openRedisLog } = await import("./redis-log/open-redis-log.ts");
	return openRedisLog({ address: room.redis, key, maxBytes, warn, onFailure });
}

function settingsOf(options: ServerOptions): RoomSettings {
	const { limits, history, owners, title, stay, emailVisibility } = options;
	return {
		maxMembers: limits.maxMembers,
		grace: limits.grace * 1000,
		desertedGrace: stay ? null : DESERTED_GRACE,
		awayAfter: AWAY_AFTER,
		lease: options.room && "redis" in options.room ? LEASE : null,
		owners: [...owners],
		newcomerEvents: history,
		logEvents: limits.logEvents,
		logBytes: limits.logBytes,
		...{ stay, emailVisibility, title },
	};
}
