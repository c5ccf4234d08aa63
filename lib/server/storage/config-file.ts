import { isUtf8 } from "node:buffer";
import type { Stats } from "node:fs";
import { errorMessage } from "../../util/errors.ts";
import { assertOwnerTrusted, isWritableByAll, readBounded } from "../../util/secure-file.ts";
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

/** Splits text after each LF, CRLF or CR. */
const LINE_END = /(?<=\n|\r(?!\n))/;

/** One line of a file with one entry per line. */
export interface ConfigLine<T> {
	/** The line's bytes as the operator wrote them, line ending included, as Latin-1. */
	readonly raw: string;
	/** Null for a blank line, a comment or a line that cannot be read. */
	readonly entry: T | null;
}

export interface ConfigLines<T> {
	readonly lines: readonly ConfigLine<T>[];
	/** The numbers, from 1, of the lines that cannot be read. */
	readonly unreadable: readonly number[];
}

/** Reads the whole text, with LF line endings. Throws ReasonedError. */
export function readConfigText(file: ConfigFile): string {
	return explained(file, () =>
		readText(file)
			.replace(/^\uFEFF/, "")
			.replaceAll(/\r\n?/g, "\n"),
	);
}

/**
 * Reads lines that end with LF, CRLF or CR, and parses each. `#` begins a comment only at the start
 * of a line or after a blank, because an address may contain one. One line where `parse` returns
 * null spoils no other. Throws ReasonedError for a file that is unusable as a whole.
 */
export function readConfigLines<T>(
	file: Omit<ConfigFile, "decode">,
	parse: (text: string) => T | null,
): ConfigLines<T> {
	// As Latin-1, so that a comment in any encoding is kept as it was.
	const text = explained(file, () => readText({ ...file, decode: decodeBytes }));
	const unreadable: number[] = [];
	const lines = text.split(LINE_END).map((raw, index) => {
		const line = Buffer.from(raw, "latin1").toString();
		// `\s` and `trim` take a byte order mark for a blank.
		const content = line.replace(/(^|\s)#.*/s, "").trim();
		const entry = content === "" ? null : parse(content);
		if (content !== "" && entry === null) unreadable.push(index + 1);
		return { raw, entry };
	});
	return { lines, unreadable };
}

/** Line numbers that a sentence names one by one. */
const MAX_NAMED = 5;

/** Names lines in a sentence: `line 3`, or `lines 1, 2, 3, 5, 8 and 4 others`. */
export function nameLines(numbers: readonly number[]): string {
	const more = numbers.length - MAX_NAMED;
	const others = more > 0 ? [`${more} ${more === 1 ? "other" : "others"}`] : [];
	const names = [...numbers.slice(0, MAX_NAMED).map(String), ...others];
	return `line${numbers.length === 1 ? "" : "s"} ${new Intl.ListFormat("en-GB").format(names)}`;
}

function readText({ path, maxBytes, check, decode = decodeUtf8 }: ConfigFile): string {
	const bytes = readBounded(path, maxBytes, (file) => {
		check?.(file);
		// Anyone who can write the guest list could let in anybody.
		assertOwnerTrusted(file);
		if (isWritableByAll(file)) throw new Error("every user can write to it; run chmod o-w on it");
	});
	return decode(bytes);
}

/** In UTF-16 every line would be unreadable, and no ban would hold: that is no file of lines at all. */
function decodeBytes(bytes: Buffer): string {
	const text = bytes.toString("latin1");
	const zero = text.indexOf("\0");
	if (zero < 0) return text;
	const line = text.slice(0, zero).split(LINE_END).length;
	throw new Error(`line ${line} is not UTF-8 text; save the file as UTF-8`);
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
