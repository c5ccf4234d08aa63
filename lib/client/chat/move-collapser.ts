import type { Incoming } from "../net/connection.ts";

export type Move = Extract<Incoming, { type: "joined" | "left" }>;

/** People who joined, or left, within a moment of each other. */
export interface CollapsedMoves {
	readonly type: Move["type"];
	readonly names: string[];
	/** When the first of them did, milliseconds since 1970. */
	readonly at: number;
}

/** Milliseconds in which people who join, or leave, make one line. */
const COLLAPSE_TIME = 200;

/** Collapses joins and leaves that follow each other into one line: a crowd would scroll all else away. */
export class MoveCollapser {
	readonly #now: () => number;
	readonly #show: (moves: CollapsedMoves) => void;
	#held: { readonly moves: CollapsedMoves; readonly since: number } | undefined;

	constructor(now: () => number, show: (moves: CollapsedMoves) => void) {
		this.#now = now;
		this.#show = show;
	}

	/** Holds it back, and with it those of its kind that come soon. */
	add({ type, name, at }: Move): void {
		if (this.#held?.moves.type !== type) this.flush();
		this.#held ??= { moves: { type, names: [], at }, since: this.#now() };
		this.#held.moves.names.push(name);
	}

	/** Shows what is held back, if its time is over. */
	flushIfDue(): void {
		if (this.#held && this.#now() - this.#held.since >= COLLAPSE_TIME) this.flush();
	}

	/** Shows what is held back. Call before anything else is shown: the room has one order. */
	flush(): void {
		const held = this.#held;
		this.#held = undefined;
		if (held) this.#show(held.moves);
	}
}
