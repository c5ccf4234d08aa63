import { createKeyedHash } from "#keyed-hash";
import { withoutInvisible } from "../../util/invisible.ts";

/**
 * Sixteen letters in four groups, as Google shows an app password, or in one word, as password
 * managers paste it; with other words around them or not.
 */
const APP_PASSWORD =
	/(?<![\p{L}\p{N}])[a-z]{4}(?:(?:[\s-]+[a-z]{4}){3}|[a-z]{12})(?![\p{L}\p{N}])/iu;

/** Whether an app password may be in a text, by its look. */
export const mayHoldAppPassword = (text: string): boolean => APP_PASSWORD.test(shown(text));

/**
 * Knows what this client logged in with in a text, so that nobody says it in the room by mistake.
 * Keeps only a keyed hash of it, and the key in this process alone.
 */
export class OwnSecret {
	readonly #digestOf = createKeyedHash();
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

	/** Whether the secret is in a text as words of their own, whatever its case and the blanks in it. */
	isIn(text: string): boolean {
		if (this.#length === 0) return false;
		const parts = shown(text).toLowerCase().match(PARTS) ?? [];
		// Without the signs, because some people write hyphens between the groups of an app password.
		const words = parts.filter((part) => WORD.test(part));
		const groups = runs(words, this.#length).filter((run) => LETTERS.test(run));
		return [...runs(parts, this.#length), ...groups].some(
			(run) => this.#digestOf(run) === this.#digest,
		);
	}
}

/** Words, and each sign by itself: a password may begin or end with a sign, or a sign be around it. */
const PARTS = /[\p{L}\p{N}]+|\S/gu;
const WORD = /^[\p{L}\p{N}]/u;
const LETTERS = /^[a-z]{16}$/;

/** What parts that follow one another make, where that has so many UTF-16 code units. */
function runs(parts: readonly string[], length: number): string[] {
	const joined = parts.join("");
	const edges = new Set([0]);
	let edge = 0;
	for (const part of parts) {
		edge += part.length;
		edges.add(edge);
	}
	const starts = [...edges].filter((start) => edges.has(start + length));
	return starts.map((start) => joined.slice(start, start + length));
}

const shown = (text: string): string => withoutInvisible(text.normalize("NFKC"));
const plain = (text: string): string => shown(text).replaceAll(/\s/g, "").toLowerCase();
