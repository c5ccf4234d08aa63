import workerFile from "./timer-worker.js" with { type: "file" };

// Browsers let the timers of a page that nobody looks at fire once a minute, and a server takes that
// silence for a broken connection. They leave a worker's alone.

const url = new URL(workerFile, import.meta.url).href;

/** The policy says which scripts may be loaded besides the page's own: this one. */
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const trusted = trustedTypes?.createPolicy("timers", { createScriptURL: (_: string) => url });

/** Not in the library's types yet. */
interface TrustedTypes {
	/** What a policy makes is a string to whoever takes it. */
	createPolicy<T>(name: string, rules: T): T;
}

/** By the number of a timer in the worker. */
const waiting = new Map<number, () => void>();
let latest = 0;
const worker = new Worker(trusted?.createScriptURL("") ?? url);
worker.onmessage = ({ data: id }: MessageEvent<number>) => {
	waiting.get(id)?.();
	waiting.delete(id);
};

/** The page's own timer goes beside the worker's, which may not have been loaded. */
function wait(milliseconds: number): Promise<void> {
	const id = ++latest;
	return new Promise((resolve) => {
		waiting.set(id, resolve);
		worker.postMessage([id, milliseconds]);
		setTimeout(() => {
			waiting.delete(id);
			resolve();
		}, milliseconds);
	});
}

export function every(milliseconds: number, action: () => void): () => void {
	const over = new AbortController();
	void (async () => {
		while (!over.signal.aborted) {
			await wait(milliseconds);
			if (!over.signal.aborted) action();
		}
	})();
	return () => over.abort();
}

/** Ends when the network is back, or the user is. */
export async function pause(milliseconds: number): Promise<null> {
	const over = new AbortController();
	const { signal } = over;
	const woken = new Promise<void>((resolve) => {
		addEventListener("online", () => resolve(), { signal });
		document.addEventListener(
			"visibilitychange",
			() => document.visibilityState === "visible" && resolve(),
			{ signal },
		);
	});
	await Promise.race([wait(milliseconds), woken]);
	over.abort();
	return null;
}
