import type { ChatError } from "../../util/errors.ts";
import type { FullCode } from "../limits/open-files.ts";
import type { LogEntry } from "../log/logger.ts";
import type { RoomLog } from "../room-log/room-log.ts";
import type { RoomSettings } from "../room-log/room-settings.ts";
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
	/** Called when this server's beginning has its place in the log. */
	readonly onStart: () => void;
	/** Called when the room has ended. */
	readonly onEnd: (reason: EndReason) => void;
	/** Called when this server cannot serve the room. */
	readonly onFailure: (error: ChatError) => void;
}
