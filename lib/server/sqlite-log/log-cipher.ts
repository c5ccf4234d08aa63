import { Fernet } from "../../wire/crypto/fernet.ts";

const BASE64URL = { alphabet: "base64url" } as const;

/** Seals what a room log keeps on disk: one Fernet token for each text, as bytes. */
export class LogCipher {
	readonly #fernet: Fernet;

	/** Throws InvalidKey. */
	constructor(key: string) {
		this.#fernet = new Fernet(key);
	}

	seal(json: string): Uint8Array {
		return Uint8Array.fromBase64(this.#fernet.encrypt(json), BASE64URL);
	}

	/** Throws InvalidToken. */
	open(token: Uint8Array): unknown {
		return JSON.parse(this.#fernet.decrypt(token.toBase64(BASE64URL)).toString());
	}
}
