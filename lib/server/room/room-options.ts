import type { ErrorCode } from "../../wire/error-codes.ts";
import type { LogEntry } from "../log/logger.ts";
import type { History } from "./history.ts";

export interface RoomOptions {
	readonly history: History;
	readonly maxMembers: number;
	/** Milliseconds a member whose connection broke may take to come back. */
	readonly grace: number;
	/** Milliseconds after which the others are told that somebody is away. */
	readonly awayAfter: number;
	/** Canonical accounts of those who own the room. */
	readonly owners: ReadonlySet<string>;
	readonly title: string | undefined;
	readonly motd: string | undefined;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Calls `flush` once, after everything that this turn of the event loop brings. */
	readonly atEndOfTurn: (flush: () => void) => void;
	/** For the owner: who comes and goes. */
	readonly log: (entry: LogEntry) => void;
	/** The last member has left. */
	readonly onEmpty: () => void;
}

/** Why a connection or a membership ended, for the owner's log. */
export type DepartureCode = ErrorCode | "broken" | "grace_expired";
