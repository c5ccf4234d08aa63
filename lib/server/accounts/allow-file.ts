import { nameLines, readConfigLines } from "../storage/config-file.ts";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { parseAllowEntry } from "./account.ts";

/** Enough for some ten thousand entries. */
const MAX_BYTES = 1024 * 1024;

/** The file of accounts and domains that may log in, which the operator may change at any time. */
export class AllowFile {
	readonly #file: ReloadingFile<ReadonlySet<string>>;

	/** Throws ChatError `allow_file` if the file is unusable. */
	constructor(path: string, warn: (sentence: string) => void) {
		this.#file = new ReloadingFile(path, (it) => read(it, warn), warn);
	}

	/** The entries of the newest version that we could read. */
	get entries(): ReadonlySet<string> {
		return this.#file.content;
	}
}

function read(path: string, warn: (sentence: string) => void): ReadonlySet<string> {
	const sentence = "Cannot read the guest list";
	const file = { path, maxBytes: MAX_BYTES, code: "allow_file" as const, sentence };
	const { lines, unreadable } = readConfigLines(file, parseAllowEntry);
	if (unreadable.length > 0) {
		const entry = "An entry is an address, or a domain like @school.edu.";
		const rest = "What cannot be read lets nobody in; all other lines count.";
		warn(`Cannot read ${nameLines(unreadable)} of the guest list ${path}. ${entry} ${rest}`);
	}
	return new Set(lines.flatMap(({ entry }) => entry ?? []));
}
