export interface Clocks {
	/** Monotonic milliseconds, for durations and deadlines: nobody can set this clock. */
	readonly now: () => number;
	/**
	 * Milliseconds since 1970, for what is shown, sent or written into a file. Somebody may set this
	 * clock at any moment, back too.
	 */
	readonly wallNow: () => number;
}

export const systemClocks: Clocks = { now: () => performance.now(), wallNow: Date.now };

/**
 * The same clocks, with a wall clock that never goes back. While the real one is behind, it goes on
 * at half speed until the two agree. It begins no earlier than `at`.
 */
export function withoutStepsBack({ now, wallNow }: Clocks, at = wallNow()): Clocks {
	let lookedAt = now();
	return {
		now,
		wallNow() {
			const elapsed = now() - lookedAt;
			lookedAt += elapsed;
			at = Math.max(wallNow(), at + elapsed / 2);
			return Math.floor(at);
		},
	};
}
