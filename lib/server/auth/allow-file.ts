import { readConfigLines } from "../storage/config-file.ts";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { parseAllowEntry } from "./account.ts";

/** Enough for some ten thousand entries. */
const MAX_BYTES = 1024 * 1024;
const FAULT = "is neither an address nor a domain like @school.edu";

/** The file of accounts and domains that may log in, which the operator may change at any time. */
export class AllowFile {
	readonly #file: ReloadingFile<ReadonlySet<string>>;

	/** Throws ChatError `allow_file` if the file is unusable. */
	constructor(path: string, warn: (sentence: string) => void) {
		this.#file = new ReloadingFile(path, read, warn);
	}

	/** The entries of the newest version that we could read. */
	get entries(): ReadonlySet<string> {
		return this.#file.content;
	}
}

function read(path: string): Set<string> {
	const sentence = "Cannot read the guest list";
	const file = { path, maxBytes: MAX_BYTES, code: "allow_file" as const, sentence };
	const lines = readConfigLines(file, parseAllowEntry, FAULT);
	return new Set(lines.flatMap(({ entry }) => entry ?? []));
}
