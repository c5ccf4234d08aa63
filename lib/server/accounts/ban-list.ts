import { join } from "node:path";
import { nameLines } from "../storage/config-file.ts";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { BanFile } from "./ban-file.ts";

/**
 * The banned accounts, in a file that outlives the server. A person may edit the file meanwhile,
 * and so may another server with the same state folder.
 */
export class BanList {
	readonly #path: string;
	readonly #file: ReloadingFile<ReadonlySet<string>>;
	/** Changes that are not in the file yet: whether each account is banned. */
	readonly #unsaved = new Map<string, boolean>();
	/**
	 * Accounts banned before the file got a line that cannot be read. Apart from the file's own: a
	 * change of ours that matches those is saved, and a person may undo it.
	 */
	#kept: ReadonlySet<string> = new Set();
	#isWhole = true;
	/** What `editsOf` has found to be the same. */
	#equal: Record<"saved" | "known", ReadonlySet<string>> | undefined;

	/** Throws ChatError if the file cannot be read: a server must know for sure whom to keep out. */
	constructor(folder: string, warn: (sentence: string) => void) {
		this.#path = join(folder, "banned");
		this.#file = new ReloadingFile(this.#path, (...version) => this.#read(...version, warn), warn);
	}

	has(account: string): boolean {
		const saved = this.#refresh();
		return this.#unsaved.get(account) ?? (saved.has(account) || this.#kept.has(account));
	}

	/** Those whom the file bans, whatever we could not save. Another set after each change. */
	get inFile(): ReadonlySet<string> {
		return this.#refresh();
	}

	/** Whether each line of the file can be read, so that whoever is not in it is banned no more. */
	get isWhole(): boolean {
		this.#refresh();
		return this.#isWhole;
	}

	/** In the order they were banned. */
	[Symbol.iterator](): Iterator<string> {
		return this.#withUnsaved(this.#refresh().union(this.#kept)).values();
	}

	/** In what the bans differ from those that the room knows; null if in nothing. */
	editsOf(known: ReadonlySet<string>): { added: string[]; removed: string[] } | null {
		const saved = this.#refresh();
		// Owners may ask for all bans again and again.
		if (saved === this.#equal?.saved && known === this.#equal.known) return null;
		const current = new Set(this);
		const edits = {
			added: [...current.difference(known)],
			removed: [...known.difference(current)],
		};
		if (edits.added.length + edits.removed.length > 0) return edits;
		this.#equal = { saved, known };
		return null;
	}

	/** Bans an account at once. Throws ChatError if the ban cannot be saved; it holds anyway. */
	add(account: string): void {
		this.change(new Map([[account, true]]));
	}

	/** Lifts a ban at once. Throws ChatError if that cannot be saved; the ban is lifted anyway. */
	delete(account: string): void {
		this.change(new Map([[account, false]]));
	}

	/** Bans each account at once, or lifts its ban. Throws as `add` does. */
	change(changes: ReadonlyMap<string, boolean>): void {
		for (const [account, isBanned] of changes) this.#unsaved.set(account, isBanned);
		this.#kept = new Set(Array.from(this.#kept).filter((each) => changes.get(each) !== false));
		// If the file is unreadable now, it is somebody's work: this throws, and does not overwrite it.
		const file = new BanFile(this.#path);
		file.replace(this.#withUnsaved(file.accounts));
		// At once: a change that we find later is somebody else's, and must not be undone.
		this.#refresh();
	}

	/** The accounts in the file. Once the file holds a change of ours, a person may undo it there. */
	#refresh(): ReadonlySet<string> {
		const accounts = this.#file.content;
		for (const [account, isBanned] of this.#unsaved) {
			if (accounts.has(account) === isBanned) this.#unsaved.delete(account);
		}
		return accounts;
	}

	/**
	 * Nobody can tell whom a line that cannot be read bans, so until it is corrected it lifts no ban
	 * that we know of.
	 */
	#read(
		path: string,
		previous: ReadonlySet<string> | null,
		warn: (sentence: string) => void,
	): ReadonlySet<string> {
		const { accounts, unreadable } = new BanFile(path);
		const isWhole = unreadable.length === 0;
		this.#isWhole = isWhole;
		this.#kept = isWhole ? new Set() : this.#withUnsaved(this.#kept.union(previous ?? new Set()));
		if (isWhole) return accounts;
		const who = previous ? "everyone banned before stays banned, and anyone else" : "anyone";
		const rest = `All other lines count. Until this is corrected, ${who} it was to ban can join.`;
		warn(
			`Cannot read ${nameLines(unreadable)} of the ban list ${path}. An entry is an address. ${rest}`,
		);
		return accounts;
	}

	#withUnsaved(saved: ReadonlySet<string>): Set<string> {
		const accounts = new Set(saved);
		for (const [account, isBanned] of this.#unsaved) {
			if (isBanned) accounts.add(account);
			else accounts.delete(account);
		}
		return accounts;
	}
}
