import { ChatError, errorMessage } from "../../util/errors.ts";
import { readBounded } from "../../util/secure-file.ts";
import { ReloadingFile } from "../storage/reloading-file.ts";
import { parseAllowEntry } from "./account.ts";

/** Bytes of the file: some ten thousand entries. */
const MAX_BYTES = 1024 * 1024;

/** The owner's list of who may come in, as a file. */
export class AllowFile {
	readonly #file: ReloadingFile<ReadonlySet<string>>;

	/** Throws ChatError when the file cannot be used. */
	constructor(path: string, warn: (sentence: string) => void) {
		this.#file = new ReloadingFile(path, read, warn);
	}

	/** Those of the newest version that could be used. */
	get entries(): ReadonlySet<string> {
		return this.#file.content;
	}
}

function read(path: string): Set<string> {
	const entries = new Set<string>();
	for (const [index, line] of textOf(path).split("\n").entries()) {
		// A # within an address belongs to it.
		const text = line.replace(/(^|\s)#.*/, "").trim();
		if (text === "") continue;
		const entry = parseAllowEntry(text);
		if (entry === null) {
			throw unusable(path, `line ${index + 1} is neither an address nor a domain like @school.edu`);
		}
		entries.add(entry);
	}
	return entries;
}

function textOf(path: string): string {
	try {
		return readBounded(path, MAX_BYTES).toString("utf8");
	} catch (cause) {
		throw unusable(path, errorMessage(cause));
	}
}

const unusable = (path: string, why: string): ChatError =>
	new ChatError("allow_file", `mend the list of who may come in, ${path}: ${why}`);
