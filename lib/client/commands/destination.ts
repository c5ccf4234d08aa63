import { sanitizeLine } from "../util/sanitize.ts";
import { parseLine } from "./parse-line.ts";

export interface Destination {
	readonly isPrivate: boolean;
	/** For the prompt. */
	readonly label: string;
}

const only = (name: string): Destination => ({
	isPrivate: true,
	label: `to ${sanitizeLine(name)} only`,
});
const COMMAND: Destination = { isPrivate: false, label: "command" };

/**
 * Whom the line being typed will go to: shown before it is sent, not found out afterwards. `replyTo`
 * is whom a reply would go to, or null.
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
