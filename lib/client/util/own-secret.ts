import { createHmac, randomBytes } from "node:crypto";
import { withoutInvisible } from "../../util/invisible.ts";
import { appPasswordIn } from "../../wire/messages/app-password.ts";

/** Four groups of four letters, as Google shows an app password, with other words around them or not. */
const FOUR_GROUPS = /(?<![\p{L}\p{N}])[a-z]{4}(?:[\s-]+[a-z]{4}){3}(?![\p{L}\p{N}])/iu;

/** Whether an app password may be in a text, by its look. */
export const mayHoldAppPassword = (text: string): boolean => FOUR_GROUPS.test(shown(text));

/** What a request says to others. */
export function textsIn(request: object): string[] {
	const { text, title, reason }: Record<string, unknown> = { ...request };
	return [text, title, reason].filter((each) => typeof each === "string");
}

/**
 * Knows a text that is what this client logged in with, so that nobody says it in the room by mistake.
 * Keeps only a keyed hash of it, and the key in this process alone.
 */
export class OwnSecret {
	readonly #key = randomBytes(32);
	#digest: string | undefined;
	/** Saves hashing almost every text. */
	#length = 0;

	/** `credentials` has a password or token, or else nothing is learnt. */
	learn(credentials: object): void {
		const { password, token }: { password?: string; token?: string } = credentials;
		const secret = password ?? token;
		if (secret === undefined) return;
		this.#digest = this.#digestOf(plain(secret));
		this.#length = plain(secret).length;
	}

	/** Whether a text, or a line of it, is the secret, whatever its case and the blanks in it. */
	is(text: string): boolean {
		if (this.#length === 0) return false;
		return [text, ...text.split("\n")]
			.flatMap((part) => [plain(part), appPasswordIn(part)?.toLowerCase() ?? ""])
			.some((part) => part.length === this.#length && this.#digestOf(part) === this.#digest);
	}

	#digestOf(text: string): string {
		return createHmac("sha256", this.#key).update(text).digest("base64");
	}
}

const shown = (text: string): string => withoutInvisible(text.normalize("NFKC"));
const plain = (text: string): string => shown(text).replaceAll(/\s/g, "").toLowerCase();
