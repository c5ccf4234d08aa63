import type { Reason } from "../../wire/errors/reason.ts";

/** What an owner did to a member, and why. */
export type RemovalReason = Reason<"kicked" | "banned">;

/** Beyond it we forget the oldest token, and its bearer learns no reason. */
const MAX_TOKENS = 1000;

interface Removal {
	readonly reason: RemovalReason;
	/** In the log's time. */
	readonly at: number;
}

export type RemovalsJson = readonly (readonly [token: string, removal: Removal])[];

/**
 * Why members were removed, by the hashes of their resume tokens: a member that was offline at that
 * moment learns it when it tries to come back.
 */
export class Removals {
	/** In the order they were made, oldest first. */
	readonly #removals: Map<string, Removal>;

	constructor(json: RemovalsJson = []) {
		this.#removals = new Map(json);
	}

	toJSON(): RemovalsJson {
		return [...this.#removals];
	}

	add(tokens: readonly string[], reason: RemovalReason, at: number): void {
		for (const token of tokens) this.#removals.set(token, { reason, at });
		for (const oldest of this.#removals.keys()) {
			if (this.#removals.size <= MAX_TOKENS) return;
			this.#removals.delete(oldest);
		}
	}

	/** Null for a removal before `since`, too. */
	reasonFor(token: string, since: number): RemovalReason | null {
		const removal = this.#removals.get(token);
		return removal && removal.at > since ? removal.reason : null;
	}
}
