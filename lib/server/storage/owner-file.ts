import { isUtf8 } from "node:buffer";
import type { Stats } from "node:fs";
import { ChatError, errorMessage } from "../../util/errors.ts";
import { readBounded } from "../../util/secure-file.ts";

/** A text file that the owner of the server keeps by hand. */
export interface OwnerFile {
	readonly path: string;
	readonly maxBytes: number;
	/** Throws for an open file that is not to be read. */
	readonly check?: (file: Stats) => void;
	/** The ChatError for a file that cannot be used, and its sentence up to the path and the fault. */
	readonly code: string;
	readonly sentence: string;
}

/** A line of a file that holds an entry a line. */
export interface OwnerLine<T> {
	/** As the owner wrote it, with its end. */
	readonly raw: string;
	/** Null for a line that holds nothing, or a comment alone. */
	readonly entry: T | null;
}

/** The whole text, its lines ended by LF. Throws ChatError for what is not UTF-8. */
export function readOwnerText(file: OwnerFile): string {
	return explained(file, () =>
		readText(file)
			.replace(/^\uFEFF/, "")
			.replaceAll("\r\n", "\n"),
	);
}

/**
 * The lines, each with what `parse` makes of it: `#` begins a comment at the start of a line or after
 * a blank. Throws ChatError where `parse` gives null; `fault` says of a line what is wrong with it.
 */
export function readOwnerLines<T>(
	file: OwnerFile,
	parse: (text: string) => T | null,
	fault: string,
): OwnerLine<T>[] {
	const read = (raw: string, index: number): OwnerLine<T> => {
		const line = raw.replace(/\r?\n$/, "");
		// An old Macintosh ends lines so: all that follows would belong to the first comment.
		if (line.includes("\r")) throw new Error(`line ${index + 1} has a CR without LF`);
		// A byte order mark is a blank here.
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
	// No character's bytes hold that of a line's end.
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
