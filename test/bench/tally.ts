/** Counts the checks. A failed check ends its section. */
export class Tally {
	passed = 0;
	failed = 0;

	/** Runs `work`, which throws when a result is not exact. */
	async check<T>(what: string, work: () => Promise<T> | T): Promise<T> {
		try {
			const result = await work();
			this.passed++;
			return result;
		} catch (cause) {
			throw new Error(`failed: ${what}`, { cause });
		}
	}
}
