import { isUtf8 } from "node:buffer";
import type { Stats } from "node:fs";
import { errorMessage } from "../../util/errors.ts";
import { isWritableByAll, readBounded } from "../../util/secure-file.ts";
import type { CodeSaidIn } from "../../wire/errors/error-codes.ts";
import { ReasonedError, reason } from "../../wire/errors/reason.ts";

/** A file that the operator of the server edits by hand. */
interface ConfigFile {
	readonly path: string;
	readonly maxBytes: number;
	/** Throws if the file must not be read. */
	readonly check?: (file: Stats) => void;
	/** Makes text of the bytes, or throws; without it they must be UTF-8. */
	readonly decode?: (bytes: Buffer) => string;
	/** The code of the error for an unusable file. */
	readonly code: CodeSaidIn<"start">;
	/** The start of that error's message; the path and the fault follow. */
	readonly sentence: string;
}

/** One line of a file with one entry per line. */
export interface ConfigLine<T> {
	/** The line as the operator wrote it, line ending included. */
	readonly raw: string;
	/** Null for a blank line or a comment. */
	readonly entry: T | null;
}

/** Reads the whole text, with LF line endings. Throws ReasonedError. */
export function readConfigText(file: ConfigFile): string {
	return explained(file, () =>
		readText(file)
			.replace(/^\uFEFF/, "")
			.replaceAll("\r\n", "\n"),
	);
}

/**
 * Reads and parses the lines. `#` begins a comment only at the start of a line or after a blank,
 * because an address may contain one. Throws ReasonedError `line 3 <fault>` where `parse` returns null.
 */
export function readConfigLines<T>(
	file: ConfigFile,
	parse: (text: string) => T | null,
	fault: string,
): ConfigLine<T>[] {
	const read = (raw: string, index: number): ConfigLine<T> => {
		const line = raw.replace(/\r?\n$/, "");
		// With CR line endings the file would be one line: a comment would hide all that follows it.
		if (line.includes("\r")) throw new Error(`line ${index + 1} ends with CR instead of LF`);
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

function readText({ path, maxBytes, check, decode = decodeUtf8 }: ConfigFile): string {
	const bytes = readBounded(path, maxBytes, (file) => {
		check?.(file);
		// Anyone who can write the guest list could let in anybody.
		if (isWritableByAll(file)) throw new Error("every user can write to it; run chmod o-w on it");
	});
	return decode(bytes);
}

function decodeUtf8(bytes: Buffer): string {
	if (isText(bytes)) return bytes.toString();
	// In UTF-8, the byte of LF is never part of another character.
	const lines = bytes.toString("latin1").split("\n");
	const index = lines.findIndex((line) => !isText(Buffer.from(line, "latin1")));
	throw new Error(`line ${index + 1} is not UTF-8 text`);
}

const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);

function explained<T>({ path, code, sentence }: ConfigFile, read: () => T): T {
	try {
		return read();
	} catch (cause) {
		const text = `${sentence} ${path}: ${errorMessage(cause)}.`;
		throw new ReasonedError(reason(code, text), { cause });
	}
}
