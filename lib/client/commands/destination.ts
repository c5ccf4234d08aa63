import { sanitizeLine } from "../util/sanitize.ts";
import { parseLine } from "./parse-line.ts";

interface Destination {
	readonly isPrivate: boolean;
	/** What the prompt shows. */
	readonly label: string;
	/** The name of the only one who gets it. */
	readonly reader?: string;
}

const only = (name: string): Destination => ({
	isPrivate: true,
	reader: name,
	label: `to ${sanitizeLine(name)} only`,
});
const COMMAND: Destination = { isPrivate: false, label: "command" };

/**
 * The recipient of the line being typed, so that the prompt can show it before the line is sent.
 * `replyTo` is the member who would get a reply, or null.
 */
export function destination(typed: string, replyTo: string | null): Destination {
	const { audience, target } = parseLine(typed);
	switch (audience) {
		case "everybody":
			return { isPrivate: false, label: "to all" };
		case "target":
			return only(target);
		case "sender":
			return replyTo === null ? COMMAND : only(replyTo);
		case "nobody":
			return COMMAND;
	}
}
