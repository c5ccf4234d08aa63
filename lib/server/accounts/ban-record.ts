import { shortId } from "../../util/random-id.ts";

// The bans of a room of several servers, which outlive the room.

/** A list of bans after some of its changes. Each room has a list of its own. */
export interface BanPoint {
	/** Random for each list. */
	readonly lineage: string;
	/** The changes that it has seen. */
	readonly version: number;
}

export interface BanVersion extends BanPoint {
	/** The lists from which it goes on, oldest first, each as it was then. */
	readonly past: readonly BanPoint[];
}

export interface BanRecord extends BanVersion {
	readonly accounts: readonly string[];
}

/** Lists that we remember: a server that was down for longer takes no ban for lifted. */
const MAX_PAST = 100;

/** Of a new room, which goes on from the list of the one before it. */
export function nextVersion(record: BanVersion | null): BanVersion {
	const past = record ? [...record.past, { lineage: record.lineage, version: record.version }] : [];
	return { lineage: shortId(), version: 0, past: past.slice(-MAX_PAST) };
}

/** Whether a list has seen all that another had: if Redis went back, it may not have. */
export const hasSeen = (list: BanVersion, { lineage, version }: BanPoint): boolean =>
	[...list.past, list].some((each) => each.lineage === lineage && each.version >= version);

/** Keeps the record where all servers of the room find it. Both throw StoreUnavailable. */
export interface BanKeeper {
	/** Null if there is none yet. */
	load(): Promise<BanRecord | null>;
	/** Does nothing if there is one that has seen all that this one has. */
	save(record: BanRecord): Promise<void>;
}
