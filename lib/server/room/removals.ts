import { ExpiringMap } from "../../util/expiring-map.ts";
import type { Reason } from "../../wire/errors/reason.ts";

/** What an owner did to a member, and why. */
export type RemovalReason = Reason<"kicked" | "banned">;

/** Beyond it we forget the oldest token, and its bearer learns no reason. */
const MAX_TOKENS = 1000;

/**
 * Why members were removed, by their resume tokens: a member that was offline at that moment learns
 * it when it tries to come back.
 */
export class Removals {
	readonly #reasons: ExpiringMap<string, RemovalReason>;

	/** `grace`: milliseconds in which a member may come back. */
	constructor(grace: number) {
		this.#reasons = new ExpiringMap(MAX_TOKENS, grace);
	}

	add(tokens: readonly string[], reason: RemovalReason, now: number): void {
		for (const token of tokens) this.#reasons.set(token, reason, now);
	}

	reasonFor(token: string, now: number): RemovalReason | null {
		return this.#reasons.get(token, now) ?? null;
	}
}
