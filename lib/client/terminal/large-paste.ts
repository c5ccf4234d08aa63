import { MAX_TEXT_BYTES } from "../../wire/messages/fields.ts";
import { count } from "../util/count.ts";

/** A paste with more lines or characters than these must be confirmed. */
const LARGE_PASTE_LINES = 20;
const LARGE_PASTE_CHARACTERS = 4000;

/** What to ask before a paste that would make `message` of what is to be sent; null if nothing. */
export function pasteQuestion(text: string, message: string): string | null {
	const lines = text.split("\n").length;
	const isLarge = text.length > LARGE_PASTE_CHARACTERS || lines > LARGE_PASTE_LINES;
	const isTooLong = Buffer.byteLength(message) > MAX_TEXT_BYTES;
	const size = `Paste ${count(lines, "line")}, ${count(text.length, "character")}?`;
	const limit = `The line will be too long to send: a message has ${MAX_TEXT_BYTES} bytes at most.`;
	if (isTooLong) return `${size} ${limit}`;
	return isLarge ? size : null;
}
