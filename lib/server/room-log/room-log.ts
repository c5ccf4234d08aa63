import type { Entry } from "./entry.ts";

/** When an entry got its place. Neither ever goes back. */
export interface Stamp {
	/** Milliseconds since 1970, for what is shown. */
	readonly at: number;
	/**
	 * Milliseconds for which the room has been served, for durations: a clock that is set does not
	 * change it, and it stands still while no server runs.
	 */
	readonly time: number;
}

/**
 * Puts entries into one order and gives them back. What an entry means is the room's business, which
 * acts on it only when it has come back.
 */
export interface RoomLog {
	/** Whether the conversation goes on after this server has stopped. */
	readonly outlivesServer: boolean;
	/** Whether no other server serves the room at the same time. */
	readonly isAlone: boolean;
	/** Milliseconds by which the log's time advances at most from one entry to the next. */
	readonly maxStep: number;
	/** False while entries cannot get their places, and whoever can go elsewhere should. */
	readonly isReachable: boolean;
	/**
	 * Gives the reader what the log holds, and from then on each entry as it gets its place. Call it
	 * once. Throws ChatError if the log cannot be read.
	 */
	open(reader: LogReader): void;
	/**
	 * Adds an entry. Returns false if that is impossible for now; then it is certainly not in the log.
	 * Never call it from within `apply`, whose entry has to be whole before another can have its place.
	 */
	append(entry: Entry): boolean;
	/** Runs an action when the reader has everything that the log holds now. */
	whenCurrent(action: () => void): void;
	/** The server stops. What the log holds stays, if it outlives the server. */
	close(): void | Promise<void>;
	/** The room has ended: closes the log, and leaves nothing of it. */
	remove(): void | Promise<void>;
}

/** The room, as its log sees it. */
export interface LogReader {
	/** Takes over the state of a snapshot: at first, or because there is more than was read. */
	restore(state: unknown): void;
	apply(entry: Entry, stamp: Stamp): void;
	/** The whole state, as JSON can hold it: the same for the same entries, in the same order. */
	snapshot(): unknown;
}
