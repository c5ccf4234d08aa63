import type { ChatError } from "../../util/errors.ts";
import type { EmailVisibility } from "../accounts/account.ts";
import { unusable } from "./unusable.ts";

/** What all servers of a room must agree on. Times are in milliseconds. */
export interface RoomSettings {
	readonly maxMembers: number;
	/** How long a member whose connection broke may take to come back. */
	readonly grace: number;
	/** Once nobody is connected, how long the room waits for somebody; null for as long as it takes. */
	readonly desertedGrace: number | null;
	/** When the others learn that a member is away. */
	readonly awayAfter: number;
	/** Keep the room open after the last member has left. */
	readonly stay: boolean;
	/** Canonical accounts. */
	readonly owners: readonly string[];
	/** How much members see of each other's addresses. */
	readonly emailVisibility: EmailVisibility;
	/** The title to begin with. */
	readonly title?: string | undefined;
	/** How many of the events before they joined newcomers can read. */
	readonly newcomerEvents: number;
	readonly logEvents: number;
	/** Of memory, roughly. */
	readonly logBytes: number;
	/**
	 * How long a server may be silent before the others take it for dead; null if only one serves the
	 * room at a time.
	 */
	readonly lease: number | null;
}

/** The flag from which each setting comes. */
const FLAGS: Readonly<Record<keyof RoomSettings, string>> = {
	...{ maxMembers: "--max-members", grace: "--grace", desertedGrace: "--stay", stay: "--stay" },
	...{ awayAfter: "--grace", owners: "--owner", emailVisibility: "--show-emails" },
	...{ title: "--title", newcomerEvents: "--history", logEvents: "--log-events" },
	...{ logBytes: "--log-bytes", lease: "--room" },
};

/** The flags in which two servers differ. */
export function differingFlags(one: RoomSettings, other: RoomSettings): string[] {
	const names = Object.keys(FLAGS) as (keyof RoomSettings)[];
	const differing = names.filter(
		(name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]),
	);
	return [...new Set(differing.map((name) => FLAGS[name]))];
}

/** Why a server cannot serve a room that others serve with their settings. */
export const settingsConflict = (theirs: RoomSettings, ours: RoomSettings): ChatError =>
	unusable(
		`The room's other servers have another ${differingFlags(theirs, ours).join(" and ")}. All servers of a room need the same.`,
	);
