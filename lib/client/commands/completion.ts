import { commandNames } from "./commands.ts";
import { parseLine } from "./parse-line.ts";

/** Names offered at once. */
const MAX_NAMES = 50;

/** What completion needs to know of the room, and of whoever types. */
export interface RoomView {
	readonly members: Iterable<string>;
	readonly name: string;
	readonly isOwner: boolean;
}

/**
 * What the word before the cursor may become, each with the blank that follows it: a command at the
 * start, else a member's name.
 */
export function completions(before: string, { members, name, isOwner }: RoomView): string[] {
	const { typing, target } = parseLine(before);
	if (typing === "name") {
		const commands = commandNames(isOwner).filter((command) => command.startsWith(before));
		return commands.map((found) => `${found} `);
	}
	const word = /\S*$/.exec(before)?.[0] ?? "";
	// A blank alone may become a name only where one is due.
	if (word === "" && !(typing === "target" && target === "")) return [];
	const at = word.startsWith("@") ? "@" : "";
	const start = word.slice(at.length).toLowerCase();
	return [...members]
		.filter((member) => member !== name && member.toLowerCase().startsWith(start))
		.sort()
		.slice(0, MAX_NAMES)
		.map((member) => `${at}${member} `);
}
