/** A way to a server, in lines of ASCII without their newlines. */
export interface Link {
	/** Bytes that the other side has not taken yet. */
	readonly unsent: number;
	send(line: string): void;
	/** Asks that no more lines come for now; a few may all the same. */
	pause(): void;
	resume(): void;
	/** Hangs up at once, without a goodbye. */
	terminate(): void;
	/**
	 * Leaves a goodbye behind, which is sent if nobody goes on with the visit. Absent where nobody
	 * could do that.
	 */
	part?(line: string): void;
}

/** What a link calls. */
export interface LinkHandlers {
	/** Something has arrived, perhaps only a part of a line. */
	heard(): void;
	line(line: string): void;
	/** This machine may have been asleep, or in another network: perhaps nothing arrives any more. */
	woke(): void;
	/** What arrives is not in lines: there will be no more. */
	fault(error: unknown): void;
	closed(): void;
}

/** The id of a connection, and its Fernet key, with which every link begins. */
export interface SessionStart {
	readonly id: string;
	readonly key: string;
}

/** A server to connect to. */
export interface ServerTarget {
	/**
	 * At most as many milliseconds to connect, again for the TLS handshake, and again for an answer
	 * that another server could give as well; infinite if there is no other to try.
	 */
	readonly limit: number;
	/** Connects and says hello. Throws Unreachable, Untrusted or KeyFolderError. */
	open(start: SessionStart, handlers: LinkHandlers): Promise<Link>;
}
