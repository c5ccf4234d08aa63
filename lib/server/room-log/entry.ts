/** What one server adds to the order in one turn. */
export interface Entry {
	/** Random for each start of a server. */
	readonly server: string;
	/** Counts the entries of that server, from 1: one that comes twice counts once. */
	readonly n: number;
	readonly changes: readonly Change[];
}

/** What somebody wants to change in the room; the room judges it when it has its place. */
export interface Change {
	readonly kind: string;
}
