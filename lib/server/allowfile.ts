import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { ChatError } from "../wire/errors.ts";
import { entryOf } from "./allow.ts";

/** Bytes of the file: some ten thousand entries. */
const MOST = 1024 * 1024;

/**
 * The owner's list as a file, which may change while the server runs. It is looked at when somebody
 * logs in, so an idle server has no timer; what has become of no use leaves the list as it was.
 */
export class AllowFile {
	readonly #path: string;
	readonly #warn: (sentence: string) => void;
	#version: string;
	#entries: ReadonlySet<string>;

	/** Throws ChatError when the file cannot be used. */
	constructor(path: string, warn: (sentence: string) => void) {
		this.#path = path;
		this.#warn = warn;
		// Looked at before it is read: what changes in between is seen the next time.
		this.#version = versionOf(path);
		this.#entries = read(path);
	}

	/** Those of the newest version that could be used. */
	get entries(): ReadonlySet<string> {
		const version = versionOf(this.#path);
		if (version !== this.#version) this.#readAgain(version);
		return this.#entries;
	}

	/** Each version is tried once, so that the owner is told of it once. */
	#readAgain(version: string): void {
		this.#version = version;
		try {
			this.#entries = read(this.#path);
		} catch (error) {
			if (!(error instanceof ChatError)) throw error;
			this.#warn(`${error.message}; until then the list as it was is in force`);
		}
	}
}

/** What changes with the file, or why it cannot be told. */
function versionOf(path: string): string {
	try {
		const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
		return [ino, size, mtimeNs, ctimeNs].join(" ");
	} catch (error) {
		return codeOf(error);
	}
}

function read(path: string): Set<string> {
	const entries = new Set<string>();
	for (const [index, line] of textOf(path).split("\n").entries()) {
		// A # within an address belongs to it.
		const text = line.replace(/(^|\s)#.*/, "").trim();
		if (text === "") continue;
		const entry = entryOf(text);
		if (entry === null) {
			throw unusable(path, `line ${index + 1} is neither an address nor a domain like @school.edu`);
		}
		entries.add(entry);
	}
	return entries;
}

function textOf(path: string): string {
	let descriptor: number | undefined;
	try {
		// Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
		descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
		const file = fstatSync(descriptor);
		if (!file.isFile()) throw unusable(path, "it is not a file");
		if (file.size > MOST) throw unusable(path, `it has more than ${MOST} bytes`);
		const bytes = Buffer.alloc(file.size);
		return bytes.toString("utf8", 0, readSync(descriptor, bytes));
	} catch (error) {
		throw error instanceof ChatError
			? error
			: unusable(path, `it cannot be read (${codeOf(error)})`);
	} finally {
		if (descriptor !== undefined) closeSync(descriptor);
	}
}

const unusable = (path: string, why: string): ChatError =>
	new ChatError("allow_file", `mend the list of who may come in, ${path}: ${why}`);

const codeOf = (error: unknown): string => String(Object(error).code ?? "unknown");
