import { type LoginMethod, needsVerifier } from "../../wire/messages/login-methods.ts";
import { isGmail, type SmtpServer } from "../mail/smtp-server.ts";
import { AllowFile } from "./allow-file.ts";

/** The guest list: the accounts and domains that may log in. */
export class AllowList {
	readonly #entries: ReadonlySet<string>;
	readonly #file: AllowFile | undefined;

	/** Null if there is neither, and everybody may log in. Throws ChatError `allow_file`. */
	static open(
		{ entries, file }: { readonly entries?: readonly string[]; readonly file?: string },
		warn: (sentence: string) => void,
	): AllowList | null {
		if (entries === undefined && file === undefined) return null;
		return new AllowList(entries ?? [], file === undefined ? undefined : new AllowFile(file, warn));
	}

	/** `entries` are canonical, as `parseAllowEntry` returns them. */
	constructor(entries: readonly string[], file?: AllowFile) {
		this.#entries = new Set(entries);
		this.#file = file;
	}

	get size(): number {
		return this.#current.size;
	}

	/** Checks the file for changes first. `account` must be canonical. */
	has(account: string): boolean {
		const entries = this.#current;
		return entries.has(account) || entries.has(account.slice(account.indexOf("@")));
	}

	get #current(): ReadonlySet<string> {
		return this.#file ? this.#entries.union(this.#file.entries) : this.#entries;
	}
}

/** Says who may log in. Without a guest list, that is anyone who can prove an account. */
export function describeGuests(
	allow: AllowList | null,
	{ smtp, methods }: { smtp: SmtpServer; methods: readonly LoginMethod[] },
): string {
	if (allow === null) {
		// Without a guest list, we mail codes to Gmail addresses alone.
		const isGmails = isGmail(smtp) || !needsVerifier(methods);
		return `Anyone with ${isGmails ? "a Gmail account" : `an account at ${smtp.host}`} can join.`;
	}
	return `${allow.size} ${allow.size === 1 ? "address or domain is" : "addresses and domains are"} on the guest list.`;
}
