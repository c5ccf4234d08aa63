import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ChatError, errorMessage, systemErrorCode } from "../../util/errors.ts";
import { readBounded, replaceFile } from "../../util/secure-file.ts";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { parseAccount } from "./account.ts";

/** Accounts that may be banned at once. */
const MAX_BANS = 10_000;
/** An address and its newline. */
const MAX_LINE_BYTES = 255;

/**
 * Who may not come in, by canonical address; kept in a file, one a line, across restarts. A person may
 * change it meanwhile, or another server that has the same folder.
 */
export class BanList {
	readonly #folder: string;
	readonly #path: string;
	readonly #file: ReloadingFile<ReadonlySet<string>>;
	/** What the file does not say yet: whether an account is banned. */
	readonly #unsaved = new Map<string, boolean>();

	/** Reads the file, if there is one. Throws ChatError: who is banned must be known for sure. */
	constructor(folder: string, warn: (sentence: string) => void) {
		this.#folder = folder;
		this.#path = join(folder, "banned");
		this.#file = new ReloadingFile(this.#path, read, warn);
	}

	get isFull(): boolean {
		return this.#all(this.#refresh()).size >= MAX_BANS;
	}

	has(account: string): boolean {
		const kept = this.#refresh();
		return this.#unsaved.get(account) ?? kept.has(account);
	}

	/** In the order they were banned. */
	[Symbol.iterator](): Iterator<string> {
		return this.#all(this.#refresh()).values();
	}

	/** Bans an account at once. Throws ChatError if it could not be written down. */
	add(account: string): void {
		this.#change(account, true);
	}

	/** Lifts a ban at once. Throws ChatError if that could not be written down. */
	delete(account: string): void {
		this.#change(account, false);
	}

	#change(account: string, isBanned: boolean): void {
		this.#unsaved.set(account, isBanned);
		// What cannot be read now is somebody's work, and not to be written over.
		const accounts = this.#all(read(this.#path));
		if (accounts.size > MAX_BANS) throw tooMany(this.#path);
		try {
			mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
			replaceFile(this.#path, [...accounts].map((account) => `${account}\n`).join(""));
		} catch (cause) {
			throw unusable(`cannot write ${this.#path}: ${errorMessage(cause)}`, cause);
		}
		// At once: a change that is found later is another's, and ours is not to be made again.
		this.#refresh();
	}

	/** The accounts in the file. What it says by now is not held against it any more. */
	#refresh(): ReadonlySet<string> {
		const kept = this.#file.content;
		for (const [account, isBanned] of this.#unsaved) {
			if (kept.has(account) === isBanned) this.#unsaved.delete(account);
		}
		return kept;
	}

	#all(kept: ReadonlySet<string>): Set<string> {
		const accounts = new Set(kept);
		for (const [account, isBanned] of this.#unsaved) {
			if (isBanned) accounts.add(account);
			else accounts.delete(account);
		}
		return accounts;
	}
}

/** The accounts in a file; none where there is no file. */
function read(file: string): ReadonlySet<string> {
	const accounts = new Set<string>();
	for (const [index, line] of textOf(file).split("\n").entries()) {
		if (line === "") continue;
		const account = parseAccount(line);
		if (account === null) {
			throw unusable(`line ${index + 1} of ${file} is no address; mend it or take it out`);
		}
		accounts.add(account);
	}
	if (accounts.size > MAX_BANS) throw tooMany(file);
	return accounts;
}

function textOf(file: string): string {
	try {
		return readBounded(file, MAX_BANS * MAX_LINE_BYTES).toString("utf8");
	} catch (cause) {
		if (systemErrorCode(cause) === "ENOENT") return "";
		throw unusable(`cannot read who is banned, in ${file}: ${errorMessage(cause)}`, cause);
	}
}

const tooMany = (file: string): ChatError =>
	unusable(`${file} bans more than ${MAX_BANS} accounts`);

function unusable(sentence: string, cause?: unknown): ChatError {
	return new ChatError("bans_unusable", sentence, { cause });
}
