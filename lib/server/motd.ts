import { closeSync, openSync, readSync } from "node:fs";
import { ChatError } from "../wire/errors.ts";
import { motdField } from "../wire/messages.ts";

/** One byte more than may be in it, so that too much is noticed and no more than that is read. */
const ENOUGH = 4097;

/** The message of the day from a file, if one is named. Throws ChatError when it cannot be told. */
export function readMotd(file: string | undefined): string | undefined {
	if (file === undefined) return undefined;
	let bytes: Uint8Array;
	try {
		bytes = readStart(file);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message : String(cause);
		throw new ChatError("bad_motd", `--motd ${file} cannot be read: ${reason}`, { cause });
	}
	const text = bytes.length < ENOUGH ? decoded(bytes)?.trimEnd() : undefined;
	if (motdField.is(text)) return text;
	throw new ChatError("bad_motd", `--motd must name a file of ${motdField.expected}: ${file}`);
}

function readStart(file: string): Uint8Array {
	const bytes = Buffer.alloc(ENOUGH);
	const descriptor = openSync(file, "r");
	try {
		let size = 0;
		for (let more = 1; more > 0 && size < ENOUGH; size += more) {
			more = readSync(descriptor, bytes, size, ENOUGH - size, null);
		}
		return bytes.subarray(0, size);
	} finally {
		closeSync(descriptor);
	}
}

function decoded(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
