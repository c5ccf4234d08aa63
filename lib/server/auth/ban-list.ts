import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ChatError, codeOf, reasonOf } from "../../util/errors.ts";
import { readBounded, replaceFile } from "../../util/secure-file.ts";
import { LiveFile } from "../storage/reloading-file.ts";
import { accountOf } from "./account.ts";

/** Accounts that may be banned at once. */
const MOST = 10_000;
/** An address and its newline. */
const LINE_BYTES = 255;

/**
 * Who may not come in, by canonical address; kept in a file, one a line, across restarts. A person may
 * change it meanwhile, or another server that has the same folder.
 */
export class Bans {
	readonly #folder: string;
	readonly #path: string;
	readonly #file: LiveFile<ReadonlySet<string>>;
	/** What the file does not say yet: whether an account is banned. */
	readonly #unkept = new Map<string, boolean>();

	/** Reads the file, if there is one. Throws ChatError: who is banned must be known for sure. */
	constructor(folder: string, warn: (sentence: string) => void) {
		this.#folder = folder;
		this.#path = join(folder, "banned");
		this.#file = new LiveFile(this.#path, read, warn);
	}

	get isFull(): boolean {
		return this.#all(this.#look()).size >= MOST;
	}

	has(account: string): boolean {
		const kept = this.#look();
		return this.#unkept.get(account) ?? kept.has(account);
	}

	/** In the order they were banned. */
	[Symbol.iterator](): Iterator<string> {
		return this.#all(this.#look()).values();
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
		this.#unkept.set(account, isBanned);
		// What cannot be read now is somebody's work, and not to be written over.
		const accounts = this.#all(read(this.#path));
		if (accounts.size > MOST) throw tooMany(this.#path);
		try {
			mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
			replaceFile(this.#path, [...accounts].map((account) => `${account}\n`).join(""));
		} catch (cause) {
			throw unusable(`cannot write ${this.#path}: ${reasonOf(cause)}`, cause);
		}
		// At once: a change that is found later is another's, and ours is not to be made again.
		this.#look();
	}

	/** The accounts in the file. What it says by now is not held against it any more. */
	#look(): ReadonlySet<string> {
		const kept = this.#file.content;
		for (const [account, isBanned] of this.#unkept) {
			if (kept.has(account) === isBanned) this.#unkept.delete(account);
		}
		return kept;
	}

	#all(kept: ReadonlySet<string>): Set<string> {
		const accounts = new Set(kept);
		for (const [account, isBanned] of this.#unkept) {
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
		const account = accountOf(line);
		if (account === null) {
			throw unusable(`line ${index + 1} of ${file} is no address; mend it or take it out`);
		}
		accounts.add(account);
	}
	if (accounts.size > MOST) throw tooMany(file);
	return accounts;
}

function textOf(file: string): string {
	try {
		return readBounded(file, MOST * LINE_BYTES).toString("utf8");
	} catch (cause) {
		if (codeOf(cause) === "ENOENT") return "";
		throw unusable(`cannot read who is banned, in ${file}: ${reasonOf(cause)}`, cause);
	}
}

const tooMany = (file: string): ChatError => unusable(`${file} bans more than ${MOST} accounts`);

function unusable(sentence: string, cause?: unknown): ChatError {
	return new ChatError("bans_unusable", sentence, { cause });
}
