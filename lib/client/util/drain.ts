import type { Writable } from "node:stream";

/** Resolves when what was written has been taken, so that a slow reader does not fill our memory. */
export async function drained(output: Writable): Promise<void> {
	if (!output.writableNeedDrain) return;
	const { promise, resolve } = Promise.withResolvers<void>();
	output.on("drain", resolve);
	// Nobody reads any more: there is nothing to wait for.
	output.on("close", resolve);
	await promise;
	output.off("drain", resolve);
	output.off("close", resolve);
}
