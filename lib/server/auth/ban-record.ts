// The bans of a room of several servers, which outlive the room.

/** Which list it is, and how many changes it has seen. */
export interface BanVersion {
	/** Random for each list. */
	readonly lineage: string;
	readonly version: number;
}

export interface BanRecord extends BanVersion {
	readonly accounts: readonly string[];
}

/** Keeps the record where all servers of the room find it. Both throw StoreUnavailable. */
export interface BanKeeper {
	/** Null if there is none yet. */
	load(): Promise<BanRecord | null>;
	/** Does nothing if there is a newer one of the same list. */
	save(record: BanRecord): Promise<void>;
}
