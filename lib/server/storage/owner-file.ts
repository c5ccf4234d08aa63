import { isUtf8 } from "node:buffer";
import type { Stats } from "node:fs";
import { ChatError, errorMessage } from "../../util/errors.ts";
import { readBounded } from "../../util/secure-file.ts";

/** A text file that the server's owner edits by hand. */
export interface OwnerFile {
	readonly path: string;
	readonly maxBytes: number;
	/** Throws for a file that must not be read. */
	readonly check?: (file: Stats) => void;
	/** Code of the ChatError for a file that cannot be used. */
	readonly code: string;
	/** How its sentence begins; the path and the fault follow. */
	readonly sentence: string;
}

/** A line of a file that holds one entry a line. */
export interface OwnerLine<T> {
	/** As the owner wrote it, line end included. */
	readonly raw: string;
	/** Null for a blank line or a comment. */
	readonly entry: T | null;
}

/** The whole text, with LF as line ends. Throws ChatError for a file that is not UTF-8. */
export function readOwnerText(file: OwnerFile): string {
	return explained(file, () =>
		readText(file)
			.replace(/^\uFEFF/, "")
			.replaceAll("\r\n", "\n"),
	);
}

/**
 * The lines, each parsed; `#` begins a comment at the start of a line or after a blank, because an
 * address may contain one. Throws ChatError where `parse` returns null: `line 3 <fault>`.
 */
export function readOwnerLines<T>(
	file: OwnerFile,
	parse: (text: string) => T | null,
	fault: string,
): OwnerLine<T>[] {
	const read = (raw: string, index: number): OwnerLine<T> => {
		const line = raw.replace(/\r?\n$/, "");
		// Files with CR as line end are one line to us: a comment would hide all that follows it.
		if (line.includes("\r")) throw new Error(`line ${index + 1} has a CR without LF`);
		// To \s and trim, a byte order mark is a blank.
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
	// In UTF-8 the byte of LF is never part of another character.
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
