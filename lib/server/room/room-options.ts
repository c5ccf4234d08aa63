import type { FullCode } from "../limits/open-files.ts";
import type { LogEntry } from "../log/logger.ts";
import type { RoomSettings } from "../room-log/entry.ts";
import type { RoomLog } from "../room-log/room-log.ts";
import type { EndReason, OwnerRequests } from "./room-controls.ts";

export interface RoomOptions {
	readonly settings: RoomSettings;
	readonly roomLog: RoomLog;
	readonly fullCode: FullCode;
	readonly motd: string | undefined;
	readonly moderation: OwnerRequests;
	/** Monotonic milliseconds. */
	readonly now: () => number;
	/** Calls `flush` once, after everything else in this turn of the event loop. */
	readonly atEndOfTurn: (flush: () => void) => void;
	/** For the operator's log: who comes and goes. */
	readonly log: (entry: LogEntry) => void;
	/** Called when the room has ended. */
	readonly onEnd: (reason: EndReason) => void;
}
