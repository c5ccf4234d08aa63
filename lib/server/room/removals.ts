/** What somebody was told who was put out. */
interface Reason {
	readonly code: string;
	readonly text: string;
}

/** Tokens that are remembered; beyond it the oldest is forgotten, whose bearer hears less. */
const MAX_TOKENS = 1000;

/**
 * Why those were put out who may not have heard it, because their connection was broken: by the tokens
 * that they would come back with, for as long as they may try.
 */
export class Removals {
	readonly #grace: number;
	/** `until` in milliseconds since 1970; the oldest first. */
	readonly #reasons = new Map<string, { reason: Reason; until: number }>();

	/** `grace` in milliseconds. */
	constructor(grace: number) {
		this.#grace = grace;
	}

	add(tokens: readonly string[], reason: Reason, now: number): void {
		for (const token of tokens) this.#reasons.set(token, { reason, until: now + this.#grace });
		for (const [oldest, { until }] of this.#reasons) {
			if (until > now && this.#reasons.size <= MAX_TOKENS) break;
			this.#reasons.delete(oldest);
		}
	}

	reasonFor(token: string, now: number): Reason | null {
		const found = this.#reasons.get(token);
		return found && found.until > now ? found.reason : null;
	}
}
