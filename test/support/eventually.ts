/** How long anything here may take before it counts as not happening, in milliseconds. */
export const PATIENCE = 10_000;

const STEP = 5;

/**
 * Waits until `look` answers with something, and gives that. Throws when it has not within
 * PATIENCE, with `what` and, from `found`, what there was instead.
 */
export async function eventually<T>(
	what: string,
	look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
	found: () => string = () => "",
): Promise<T> {
	const deadline = Date.now() + PATIENCE;
	for (;;) {
		const seen = await look();
		if (seen) return seen;
		if (Date.now() > deadline) throw new Error(`never came: ${what}\n${found()}`);
		await Bun.sleep(STEP);
	}
}
