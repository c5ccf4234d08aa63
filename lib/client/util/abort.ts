/** Has something done when the program is told to end, or at once if it has been told already. */
export function onAbort(signal: AbortSignal, action: () => void): void {
	if (signal.aborted) action();
	else signal.addEventListener("abort", action, { once: true });
}

/** Resolves when the program is told to end. */
export const aborted = (signal: AbortSignal): Promise<null> =>
	new Promise((resolve) => onAbort(signal, () => resolve(null)));
