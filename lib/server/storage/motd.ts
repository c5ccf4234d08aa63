import { ChatError, errorMessage } from "../../util/errors.ts";
import { readBounded } from "../../util/secure-file.ts";
import { motdField } from "../../wire/messages.ts";

/** Bytes of the file. */
const MAX_BYTES = 4096;

/** The message of the day from a file, if one is named. Throws ChatError when it cannot be told. */
export function readMotd(file: string | undefined): string | undefined {
	if (file === undefined) return undefined;
	let bytes: Uint8Array;
	try {
		bytes = readBounded(file, MAX_BYTES);
	} catch (cause) {
		const sentence = `--motd ${file} cannot be read: ${errorMessage(cause)}`;
		throw new ChatError("bad_motd", sentence, { cause });
	}
	const text = decoded(bytes)?.trimEnd();
	if (motdField.is(text)) return text;
	throw new ChatError("bad_motd", `--motd must name a file of ${motdField.expected}: ${file}`);
}

function decoded(bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
