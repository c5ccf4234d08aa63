import {
	closeSync,
	constants,
	fstatSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ChatError } from "../wire/errors.ts";
import { addressField } from "../wire/messages.ts";
import { canonicalAccount } from "./account.ts";

/** Accounts that may be banned at once. */
const MOST = 10_000;
/** An address and its newline. */
const LINE_BYTES = 255;

/** Who may not come in, by canonical address; kept in a file, one a line, across restarts. */
export class Bans {
	readonly #folder: string;
	readonly #file: string;
	readonly #accounts: Set<string>;

	/** Reads the file, if there is one. Throws ChatError: who is banned must be known for sure. */
	constructor(folder: string) {
		this.#folder = folder;
		this.#file = join(folder, "banned");
		this.#accounts = read(this.#file);
	}

	get isFull(): boolean {
		return this.#accounts.size >= MOST;
	}

	has(account: string): boolean {
		return this.#accounts.has(account);
	}

	/** In the order they were banned. */
	[Symbol.iterator](): Iterator<string> {
		return this.#accounts.values();
	}

	/** Bans an account at once. Throws ChatError if it could not be written down. */
	add(account: string): void {
		this.#accounts.add(account);
		this.#save();
	}

	/** Lifts a ban at once. Throws ChatError if that could not be written down. */
	delete(account: string): void {
		this.#accounts.delete(account);
		this.#save(account);
	}

	#save(lifted?: string): void {
		// Another room of ours, or a person, may have banned somebody since: that is not undone.
		for (const account of read(this.#file)) if (account !== lifted) this.#accounts.add(account);
		try {
			mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
			replace(this.#file, [...this.#accounts].map((account) => `${account}\n`).join(""));
		} catch (cause) {
			throw unusable(`cannot write ${this.#file}: ${reasonOf(cause)}`, cause);
		}
	}
}

/** The accounts in a file; none where there is no file. */
function read(file: string): Set<string> {
	let text: string;
	try {
		text = contents(file);
	} catch (cause) {
		if (cause instanceof ChatError) throw cause;
		throw unusable(`cannot read who is banned: ${reasonOf(cause)}`, cause);
	}
	const lines = text.split("\n");
	const accounts = new Set<string>();
	for (const [index, line] of lines.entries()) {
		if (line === "") continue;
		if (!addressField.is(line)) {
			throw unusable(`line ${index + 1} of ${file} is no address; mend it or take it out`);
		}
		accounts.add(canonicalAccount(line));
	}
	if (accounts.size > MOST) throw unusable(`${file} bans more than ${MOST} accounts`);
	return accounts;
}

function contents(file: string): string {
	let descriptor: number;
	try {
		// Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
		descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
		throw error;
	}
	try {
		const found = fstatSync(descriptor);
		if (!found.isFile()) throw unusable(`${file} is not a regular file`);
		if (found.size > MOST * LINE_BYTES) throw unusable(`${file} bans more than ${MOST} accounts`);
		return readFileSync(descriptor, "utf8");
	} finally {
		closeSync(descriptor);
	}
}

/** All of it or nothing: whoever reads the file meanwhile, or after a crash, reads the old one. */
function replace(file: string, text: string): void {
	const fresh = `${file}.new`;
	// Left by a server that was killed while it wrote.
	rmSync(fresh, { force: true });
	const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
	const descriptor = openSync(fresh, flags, 0o600);
	try {
		writeFileSync(descriptor, text);
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
	renameSync(fresh, file);
}

const reasonOf = (cause: unknown): string =>
	cause instanceof Error ? cause.message : String(cause);

function unusable(sentence: string, cause?: unknown): ChatError {
	return new ChatError("bans_unusable", sentence, { cause });
}
