import { readOwnerLines } from "../storage/owner-file.ts";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { parseAllowEntry } from "./account.ts";

/** Some ten thousand entries. */
const MAX_BYTES = 1024 * 1024;
const FAULT = "is neither an address nor a domain like @school.edu";

/** The accounts and domains that may log in, from a file that the owner may change at any time. */
export class AllowFile {
	readonly #file: ReloadingFile<ReadonlySet<string>>;

	/** Throws ChatError if the file cannot be used. */
	constructor(path: string, warn: (sentence: string) => void) {
		this.#file = new ReloadingFile(path, read, warn);
	}

	/** From the newest version that could be read. */
	get entries(): ReadonlySet<string> {
		return this.#file.content;
	}
}

function read(path: string): Set<string> {
	const sentence = "mend the list of who may come in,";
	const file = { path, maxBytes: MAX_BYTES, code: "allow_file", sentence };
	const lines = readOwnerLines(file, parseAllowEntry, FAULT);
	return new Set(lines.flatMap(({ entry }) => entry ?? []));
}
