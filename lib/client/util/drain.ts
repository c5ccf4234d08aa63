import type { Writable } from "node:stream";

/** Resolves when `output` has caught up, so that a slow reader does not fill our memory. */
export async function drained(output: Writable): Promise<void> {
	if (!output.writableNeedDrain) return;
	const { promise, resolve } = Promise.withResolvers<void>();
	output.on("drain", resolve);
	// The reader is gone, so no drain event will follow.
	output.on("close", resolve);
	await promise;
	output.off("drain", resolve);
	output.off("close", resolve);
}
