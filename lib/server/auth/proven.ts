import { createHmac, randomBytes } from "node:crypto";
import type { Credential } from "../../wire/credentials.ts";

/** Milliseconds that a proof is remembered, and how many are. */
const LIFE = 10 * 60_000;
const MOST = 1000;

/**
 * Who has proved to be somebody that may not come in, so that Gmail is not asked about the same
 * again and again. It never lets anybody in. What is kept is a MAC under a key that exists in this
 * process alone: it tells nobody what the password or token was.
 */
export class Proven {
	readonly #key = randomBytes(32);
	/** Until when, milliseconds since 1970; the oldest first. */
	readonly #until = new Map<string, number>();

	add(account: string, credential: Credential, now: number): void {
		const mac = this.#mac(account, credential);
		this.#until.delete(mac);
		this.#until.set(mac, now + LIFE);
		for (const [oldest, until] of this.#until) {
			if (until > now && this.#until.size <= MOST) break;
			this.#until.delete(oldest);
		}
	}

	has(account: string, credential: Credential, now: number): boolean {
		return (this.#until.get(this.#mac(account, credential)) ?? 0) > now;
	}

	#mac(account: string, credential: Credential): string {
		const whole = JSON.stringify([account, credential]);
		return createHmac("sha256", this.#key).update(whole).digest("base64");
	}
}
