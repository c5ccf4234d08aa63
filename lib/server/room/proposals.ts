import { randomId, shortId } from "../../util/random-id.ts";
import type { Change, Entry } from "../room-log/entry.ts";
import type { Candidate } from "./candidate.ts";

/** A connection that waits for its login or its return, and the token that it will get. */
export interface Attempt {
	readonly candidate: Candidate;
	/** The resume token. */
	readonly resume: string;
}

/** A resume token as the log knows it: who reads the log cannot come back with it. */
export const tokenHash = (token: string): string => {
	return new Bun.CryptoHasher("sha256").update(token).digest("hex");
};

/** What this server's connections want to change, until the end of the turn. */
export class Proposals {
	/** The id of this server, random. */
	server = shortId();
	/** The number of its last entry. */
	#entryCount = 0;
	#changes: Change[] = [];
	#attemptCount = 0;
	readonly #attempts = new Map<number, Attempt>();

	get entryCount(): number {
		return this.#entryCount;
	}

	/** Begins anew, as another server. Returns those that wait: their entries no longer count. */
	renew(): Candidate[] {
		this.server = shortId();
		this.#entryCount = 0;
		this.#changes = [];
		const { waiting } = this;
		this.#attempts.clear();
		return waiting;
	}

	/** The connections that wait for their entries. */
	get waiting(): Candidate[] {
		return Array.from(this.#attempts.values(), ({ candidate }) => candidate);
	}

	get isEmpty(): boolean {
		return this.#changes.length === 0;
	}

	add(change: Change): void {
		this.#changes.push(change);
	}

	/** Puts what is waiting into an entry, for `append`. If that fails, returns all of it. */
	send(append: (entry: Entry) => boolean): readonly Change[] {
		const isWaiting = this.#attempts.size > 0;
		const changes = isWaiting
			? this.#changes.filter((change) => !this.#isMoot(change))
			: this.#changes;
		this.#changes = [];
		if (changes.length === 0) return [];
		const n = ++this.#entryCount;
		if (append({ server: this.server, n, changes })) return [];
		this.#entryCount--;
		return changes;
	}

	/** Gives a connection that waits a number, and a resume token, of which only the hash leaves here. */
	register(candidate: Candidate): { attempt: number; token: string } {
		const attempt = ++this.#attemptCount;
		const resume = randomId();
		this.#attempts.set(attempt, { candidate, resume });
		return { attempt, token: tokenHash(resume) };
	}

	/** Whether the connection that waited for it has ended meanwhile. */
	#isMoot(change: Change): boolean {
		if (!("attempt" in change) || !this.#attempts.get(change.attempt)?.candidate.isGone)
			return false;
		this.#attempts.delete(change.attempt);
		return true;
	}

	/** Takes the connection that waits under this number, if it does so at this server. */
	take(attempt: number, server = this.server): Attempt | undefined {
		if (server !== this.server) return undefined;
		const found = this.#attempts.get(attempt);
		this.#attempts.delete(attempt);
		return found;
	}
}
