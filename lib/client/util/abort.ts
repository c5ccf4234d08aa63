/** Runs `action` on abort, or immediately if already aborted. */
export function onAbort(signal: AbortSignal, action: () => void): void {
	if (signal.aborted) action();
	else signal.addEventListener("abort", action, { once: true });
}

/** Resolves on abort, or immediately if already aborted. */
export const aborted = (signal: AbortSignal): Promise<null> =>
	new Promise((resolve) => onAbort(signal, () => resolve(null)));
