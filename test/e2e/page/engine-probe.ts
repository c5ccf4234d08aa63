import { Fernet } from "#fernet";
import { inflateRaw } from "#inflate";

// Bundled for a browser, so that a test can ask the engine what it does there.

interface Case {
	readonly secret: string;
	readonly token: string;
	readonly ttl?: number;
	readonly now?: number;
}

/** What is in each token, in base64; null where it is refused. */
function openAll(cases: readonly Case[]): (string | null)[] {
	return cases.map(({ secret, token, ...limits }) => {
		try {
			return new Fernet(secret).decrypt(token, limits).toBase64();
		} catch {
			return null;
		}
	});
}

const sealAll = (secret: string, data: readonly string[]): string[] =>
	data.map((text) => new Fernet(secret).encrypt(Uint8Array.fromBase64(text)));

/** The same for what is deflated. */
function inflateAll(deflated: readonly string[], max: number): (string | null)[] {
	return deflated.map((text) => {
		try {
			return inflateRaw(Uint8Array.fromBase64(text), max).toBase64();
		} catch {
			return null;
		}
	});
}

export const probe = { openAll, sealAll, inflateAll };
Object.assign(globalThis, { probe });
