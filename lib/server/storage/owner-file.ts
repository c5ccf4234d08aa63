import { isUtf8 } from "node:buffer";
import type { Stats } from "node:fs";
import { ChatError, errorMessage } from "../../util/errors.ts";
import { readBounded } from "../../util/secure-file.ts";

/** A text file that the server's owner edits by hand. */
export interface OwnerFile {
	readonly path: string;
	readonly maxBytes: number;
	/** Throws if the file must not be read. */
	readonly check?: (file: Stats) => void;
	/** The code of the ChatError for an unusable file. */
	readonly code: string;
	/** The start of that error's message; the path and the fault follow. */
	readonly sentence: string;
}

/** One line of a file with one entry per line. */
export interface OwnerLine<T> {
	/** The line as the owner wrote it, line ending included. */
	readonly raw: string;
	/** Null for a blank line or a comment. */
	readonly entry: T | null;
}

/** Reads the whole text, with LF line endings. Throws ChatError, also if it is not UTF-8. */
export function readOwnerText(file: OwnerFile): string {
	return explained(file, () =>
		readText(file)
			.replace(/^\uFEFF/, "")
			.replaceAll("\r\n", "\n"),
	);
}

/**
 * Reads and parses the lines. `#` begins a comment only at the start of a line or after a blank,
 * because an address may contain one. Throws ChatError `line 3 <fault>` where `parse` returns null.
 */
export function readOwnerLines<T>(
	file: OwnerFile,
	parse: (text: string) => T | null,
	fault: string,
): OwnerLine<T>[] {
	const read = (raw: string, index: number): OwnerLine<T> => {
		const line = raw.replace(/\r?\n$/, "");
		// With CR line endings the file would be one line: a comment would hide all that follows it.
		if (line.includes("\r")) throw new Error(`line ${index + 1} has a CR without LF`);
		// `\s` and `trim` take a byte order mark for a blank.
		const text = line.replace(/(^|\s)#.*/s, "").trim();
		const entry = text === "" ? null : parse(text);
		if (text !== "" && entry === null) throw new Error(`line ${index + 1} ${fault}`);
		return { raw, entry };
	};
	return explained(file, () =>
		readText(file)
			.split(/(?<=\n)/)
			.map(read),
	);
}

function readText({ path, maxBytes, check }: OwnerFile): string {
	const bytes = readBounded(path, maxBytes, check);
	if (isText(bytes)) return bytes.toString();
	// In UTF-8, the byte of LF is never part of another character.
	const lines = bytes.toString("latin1").split("\n");
	const index = lines.findIndex((line) => !isText(Buffer.from(line, "latin1")));
	throw new Error(`line ${index + 1} is not UTF-8 text`);
}

const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);

function explained<T>({ path, code, sentence }: OwnerFile, read: () => T): T {
	try {
		return read();
	} catch (cause) {
		throw new ChatError(code, `${sentence} ${path}: ${errorMessage(cause)}`, { cause });
	}
}
