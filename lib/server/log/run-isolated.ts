import type { LogEntry } from "./logger.ts";

/** A bug of ours must not end the room for everybody: it goes to the operator's log instead. */
export function runIsolated(
	what: string,
	log: (entry: LogEntry) => void,
	action: () => void,
): void {
	try {
		action();
	} catch (error) {
		log({ event: "error", text: `${what} failed, which is a bug: ${error}` });
	}
}

/** The same, for what takes a while. */
export async function settleIsolated(
	what: string,
	log: (entry: LogEntry) => void,
	work: Promise<void>,
): Promise<void> {
	try {
		await work;
	} catch (error) {
		log({ event: "error", text: `${what} failed, which is a bug: ${error}` });
	}
}
