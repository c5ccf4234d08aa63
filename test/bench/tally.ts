/** Counts what was checked. What fails ends its section. */
export class Tally {
	passed = 0;
	failed = 0;

	/** Does something that throws when it is not exact. */
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
