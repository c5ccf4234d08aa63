// Timers that go on while nobody looks at the program, for what another side waits for.

/** Runs `action` every so many milliseconds. Returns what stops it. */
export function every(milliseconds: number, action: () => void): () => void {
	const timer = setInterval(action, milliseconds);
	return () => clearInterval(timer);
}

/** Waits before another attempt: so many milliseconds, or less if it may succeed sooner. */
export const pause = (milliseconds: number): Promise<null> =>
	new Promise((resolve) => setTimeout(resolve, milliseconds, null));
