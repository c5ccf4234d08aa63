import { type LoginMethod, needsVerifier } from "../../wire/credentials.ts";
import { isGmail, type SmtpServer } from "../mail/smtp-server.ts";
import type { AllowFile } from "./allow-file.ts";

/** Who may come in, by account and by domain. */
export class AllowList {
	readonly #entries: ReadonlySet<string>;
	readonly #file: AllowFile | undefined;

	/** `entries` as `entryOf` gives them. */
	constructor(entries: readonly string[], file?: AllowFile) {
		this.#entries = new Set(entries);
		this.#file = file;
	}

	get size(): number {
		return this.#current.size;
	}

	/** Of a canonical account, and as of now. */
	has(account: string): boolean {
		const entries = this.#current;
		return entries.has(account) || entries.has(account.slice(account.indexOf("@")));
	}

	get #current(): ReadonlySet<string> {
		return this.#file ? this.#entries.union(this.#file.entries) : this.#entries;
	}
}

/** Who may come in, in the owner's words; without a list whoever can prove an account. */
export function describeGuests(
	allow: AllowList | null,
	{ smtp, methods }: { smtp: SmtpServer; methods: readonly LoginMethod[] },
): string {
	if (allow === null) {
		// Without a list, codes go to Gmail's addresses alone.
		const isGmails = isGmail(smtp) || !needsVerifier(methods);
		return `anyone with ${isGmails ? "a Gmail account" : `an account at ${smtp.host}`} may come in`;
	}
	return `${allow.size} ${allow.size === 1 ? "address or domain" : "addresses and domains"} may come in`;
}
