import { commandNames } from "./commands.ts";
import { parseLine } from "./parse-line.ts";

/** Names offered at once, at most. */
const MAX_NAMES = 50;

/** What completion needs to know about the room, and about the member who types. */
export interface RoomView {
	readonly members: Iterable<string>;
	readonly name: string;
	readonly isOwner: boolean;
}

/**
 * What the word before the cursor may become, each with the space that follows it: a command at the
 * start of the line, and otherwise a member's name.
 */
export function completions(before: string, { members, name, isOwner }: RoomView): string[] {
	const { typing, target } = parseLine(before);
	if (typing === "name") {
		const commands = commandNames(isOwner).filter((command) => command.startsWith(before));
		return commands.map((found) => `${found} `);
	}
	const word = /\S*$/.exec(before)?.[0] ?? "";
	// We complete an empty word only where the command expects a name.
	if (word === "" && !(typing === "target" && target === "")) return [];
	const at = word.startsWith("@") ? "@" : "";
	const start = word.slice(at.length).toLowerCase();
	return [...members]
		.filter((member) => member !== name && member.toLowerCase().startsWith(start))
		.sort()
		.slice(0, MAX_NAMES)
		.map((member) => `${at}${member} `);
}
