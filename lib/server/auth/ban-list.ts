import { join } from "node:path";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { BanFile, MAX_BANS } from "./ban-file.ts";

/**
 * The banned accounts, in a file that outlives the server. A person may change it meanwhile, and so may
 * another server that has the same folder.
 */
export class BanList {
	readonly #path: string;
	readonly #file: ReloadingFile<BanFile>;
	/** Changes that the file does not hold yet: whether an account is banned. */
	readonly #unsaved = new Map<string, boolean>();

	/** Throws ChatError if the file cannot be read: a server must know for sure whom to keep out. */
	constructor(folder: string, warn: (sentence: string) => void) {
		this.#path = join(folder, "banned");
		this.#file = new ReloadingFile(this.#path, (path) => new BanFile(path), warn);
	}

	get isFull(): boolean {
		return this.#withUnsaved(this.#refresh()).size >= MAX_BANS;
	}

	has(account: string): boolean {
		const saved = this.#refresh();
		return this.#unsaved.get(account) ?? saved.has(account);
	}

	/** In the order they were banned. */
	[Symbol.iterator](): Iterator<string> {
		return this.#withUnsaved(this.#refresh()).values();
	}

	/** Bans an account at once. Throws ChatError if the file could not be written; the ban holds. */
	add(account: string): void {
		this.#change(account, true);
	}

	/** Lifts a ban at once. Throws ChatError if the file could not be written; the ban is lifted. */
	delete(account: string): void {
		this.#change(account, false);
	}

	#change(account: string, isBanned: boolean): void {
		this.#unsaved.set(account, isBanned);
		// A file that cannot be read now is somebody's work, and must not be overwritten.
		const file = new BanFile(this.#path);
		file.replace(this.#withUnsaved(file.accounts));
		// At once: a change found later is somebody else's, and must not be undone.
		this.#refresh();
	}

	/** The accounts in the file. A change of ours that it holds is saved, and a person may undo it. */
	#refresh(): ReadonlySet<string> {
		const { accounts } = this.#file.content;
		for (const [account, isBanned] of this.#unsaved) {
			if (accounts.has(account) === isBanned) this.#unsaved.delete(account);
		}
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
