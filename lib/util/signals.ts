import { readFileSync } from "node:fs";
import { constants } from "node:os";

/** Where to register handlers for signals, such as `process`. */
export interface Signals {
	on(signal: NodeJS.Signals, action: () => void): unknown;
	once(signal: NodeJS.Signals, action: () => void): unknown;
}

/**
 * The signals of this process, but for those that it was started to ignore: SIGHUP by `nohup`, SIGINT
 * by a script that puts it in the background. A handler would make it obey them after all.
 */
export const unignoredSignals: Signals = {
	on: (signal, action) => isIgnored(signal) || process.on(signal, action),
	once: (signal, action) => isIgnored(signal) || process.once(signal, action),
};

/**
 * Whether a signal without a handler is ignored. False where that cannot be seen: on macOS, and for
 * SIGINT and SIGTERM on a terminal, because there the runtime has handlers of its own from the start.
 */
export function isIgnored(signal: NodeJS.Signals): boolean {
	try {
		const [, mask = "0"] =
			/^SigIgn:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
		return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
	} catch {
		return false;
	}
}
