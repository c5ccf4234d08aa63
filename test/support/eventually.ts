/** Milliseconds after which a test no longer expects something to happen. */
export const PATIENCE = 20_000;

const STEP = 5;

/**
 * Waits until `look` returns something, and returns that. Throws if this takes longer than
 * `patience`; the error gives `what` never came and, from `found`, what there was instead.
 */
export async function eventually<T>(
	what: string,
	look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
	found: () => string = () => "",
	patience = PATIENCE,
): Promise<T> {
	const deadline = Date.now() + patience;
	for (;;) {
		const seen = await look();
		if (seen) return seen;
		if (Date.now() > deadline) throw new Error(`never came: ${what}\n${found()}`);
		await Bun.sleep(STEP);
	}
}
