import { randomUUID } from "node:crypto";
import {
	closeSync,
	constants,
	fstatSync,
	linkSync,
	openSync,
	readSync,
	renameSync,
	rmSync,
	type Stats,
	writeFileSync,
} from "node:fs";

/** Absent where files have no owner (Windows): there owner and mode say nothing and go unchecked. */
const self = process.getuid?.();
const OPEN_TO_OTHERS = 0o077;

export const isOwnedByAnother = ({ uid }: Stats): boolean => self !== undefined && uid !== self;

export const isAccessibleToOthers = ({ mode }: Stats): boolean =>
	self !== undefined && (mode & OPEN_TO_OTHERS) !== 0;

/**
 * All that is in a file of at most so many bytes. `check` judges the open file, not its path, where
 * another could be a moment later. Throws an Error that says what is wrong.
 */
export function readBounded(path: string, maxBytes: number, check?: (file: Stats) => void): Buffer {
	// Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
	const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	try {
		const file = fstatSync(descriptor);
		if (!file.isFile()) throw new Error("it is not a regular file");
		if (file.size > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
		check?.(file);
		const bytes = Buffer.alloc(file.size);
		return bytes.subarray(0, readSync(descriptor, bytes));
	} finally {
		closeSync(descriptor);
	}
}

/** All of it or nothing: whoever reads the file meanwhile, or after a crash, reads the one before. */
export function replaceFile(path: string, text: string): void {
	write(path, text, renameSync);
}

/** The same for a file that is not there yet. What is there stays, and is an error. */
export function createFile(path: string, text: string): void {
	write(path, text, linkSync);
}

/** Nobody else's to read, and written under a name of its own: others may do the same meanwhile. */
function write(path: string, text: string, place: (from: string, to: string) => void): void {
	const fresh = `${path}.${randomUUID()}`;
	try {
		writeFileSync(fresh, text, { mode: 0o600, flag: "wx", flush: true });
		place(fresh, path);
	} finally {
		rmSync(fresh, { force: true });
	}
}
