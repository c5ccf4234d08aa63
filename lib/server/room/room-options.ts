import type { Clocks } from "../../util/clock.ts";
import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import type { FullCode } from "../limits/open-files.ts";
import type { LogEntry } from "../log/logger.ts";
import type { History } from "./history.ts";

export interface RoomOptions extends Clocks {
	readonly history: History;
	/** How many of the events before they joined newcomers can read. */
	readonly newcomerEvents: number;
	readonly maxMembers: number;
	readonly fullCode: FullCode;
	/** Milliseconds in which a member whose connection broke may come back. */
	readonly grace: number;
	/** Milliseconds in which, once nobody is connected, somebody must come back. */
	readonly desertedGrace: number;
	/** Milliseconds after which the others learn that a member is away. */
	readonly awayAfter: number;
	/** Canonical accounts of the room's owners. */
	readonly owners: ReadonlySet<string>;
	readonly title: string | undefined;
	readonly motd: string | undefined;
	/** Calls `flush` once, after everything else in this turn of the event loop. */
	readonly atEndOfTurn: (flush: () => void) => void;
	/** For the operator's log: who comes and goes. */
	readonly log: (entry: LogEntry) => void;
	/** Called when the last member has left. */
	readonly onEmpty: () => void;
}

/** Why a connection or a membership ended, for the operator's log. */
export type DepartureCode = ErrorCode | "broken" | "grace_expired";
