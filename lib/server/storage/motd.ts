import { ReasonedError, reason } from "../../wire/errors/reason.ts";
import { motdField } from "../../wire/messages/fields.ts";
import { readConfigText } from "./config-file.ts";

const MAX_BYTES = 4096;
const CODE = "bad_motd" as const;

/** Reads the message of the day, if there is a path. Throws ReasonedError `bad_motd`. */
export function readMotd(path: string | undefined): string | undefined {
	if (path === undefined) return undefined;
	const file = {
		path,
		maxBytes: MAX_BYTES,
		code: CODE,
		sentence: "Cannot read the message of the day",
	};
	const text = readConfigText(file).trimEnd();
	if (motdField.is(text)) return text;
	throw new ReasonedError(
		reason(CODE, `Cannot use the message of the day ${path}: it must hold ${motdField.expected}.`),
	);
}
