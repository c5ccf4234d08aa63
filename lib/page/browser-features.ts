/** What the page cannot do without, newest first; as a user finds it with a search engine. */
const FEATURES: readonly (readonly [name: string, isThere: () => boolean])[] = [
	["Uint8Array.fromBase64", () => "fromBase64" in Uint8Array],
	["Promise.withResolvers", () => "withResolvers" in Promise],
	["Web Locks, which need https", () => "locks" in navigator],
	["the dialog element", () => "HTMLDialogElement" in globalThis],
];

/** The first feature that this browser lacks, or null. */
export const missingFeature = (): string | null =>
	FEATURES.find(([, isThere]) => !isThere())?.[0] ?? null;
