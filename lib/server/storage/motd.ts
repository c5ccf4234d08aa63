import { ChatError } from "../../util/errors.ts";
import { motdField } from "../../wire/messages.ts";
import { readOwnerText } from "./owner-file.ts";

const MAX_BYTES = 4096;
const CODE = "bad_motd";

/** Reads the message of the day, if there is a path. Throws ChatError `bad_motd`. */
export function readMotd(path: string | undefined): string | undefined {
	if (path === undefined) return undefined;
	const file = { path, maxBytes: MAX_BYTES, code: CODE, sentence: "cannot read --motd" };
	const text = readOwnerText(file).trimEnd();
	if (motdField.is(text)) return text;
	throw new ChatError(CODE, `--motd must name a file of ${motdField.expected}: ${path}`);
}
