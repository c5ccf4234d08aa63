/** What the page cannot do without, newest first; as a user finds it with a search engine. */
const FEATURES: readonly (readonly [name: string, isThere: () => boolean])[] = [
	["Uint8Array.fromBase64", () => "fromBase64" in Uint8Array],
	["Iterator.prototype.map", () => "map" in Object(globalThis.Iterator?.prototype)],
	["Promise.withResolvers", () => "withResolvers" in Promise],
	["Web Locks", () => "locks" in navigator],
	["the dialog element", () => "HTMLDialogElement" in globalThis],
];

/** Why the page cannot work in this browser, or null. */
export function missing(): string | null {
	if (!isSecureContext) {
		return "This page works only over https. Ask the person who runs the server for a link that begins with https.";
	}
	const feature = FEATURES.find(([, isThere]) => !isThere());
	if (!feature) return null;
	return `This browser is too old for this page: it lacks ${feature[0]}. Please update it.`;
}
