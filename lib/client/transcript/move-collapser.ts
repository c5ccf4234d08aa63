import type { Incoming } from "../net/incoming.ts";

export type Move = Extract<Incoming, { type: "joined" | "left" }>;

/** Members who joined, or left, shortly after each other. */
export interface CollapsedMoves {
	readonly type: Move["type"];
	/** The first MAX_NAMED of them. */
	readonly names: string[];
	/** How many there are besides. */
	others: number;
	/** When the first of them joined or left, in milliseconds since 1970. */
	readonly at: number;
}

/** Names that we keep of a crowd; the others only count. */
const MAX_NAMED = 5;
/** Milliseconds within which joins, or leaves, share a line. */
const COLLAPSE_TIME = 200;

/** Collapses consecutive joins, or leaves, into one line: a crowd would scroll all else away. */
export class MoveCollapser {
	readonly #now: () => number;
	readonly #show: (moves: CollapsedMoves) => void;
	#held: { readonly moves: CollapsedMoves; readonly since: number } | undefined;

	constructor(now: () => number, show: (moves: CollapsedMoves) => void) {
		this.#now = now;
		this.#show = show;
	}

	/** Holds a move back, to show it together with others of its type that follow soon. */
	add({ type, name, at }: Move): void {
		if (this.#held?.moves.type !== type) this.flush();
		this.#held ??= { moves: { type, names: [], others: 0, at }, since: this.#now() };
		const { moves } = this.#held;
		if (moves.names.length < MAX_NAMED) moves.names.push(name);
		else moves.others++;
	}

	/** Shows what is held back, if COLLAPSE_TIME is over. */
	flushIfDue(): void {
		if (this.#held && this.#now() - this.#held.since >= COLLAPSE_TIME) this.flush();
	}

	/** Shows what is held back. Call before showing anything else, to keep the room's order. */
	flush(): void {
		const held = this.#held;
		this.#held = undefined;
		if (held) this.#show(held.moves);
	}
}
