import type { Completions } from "../editor/completer.ts";
import { allNames, commandNames } from "./commands.ts";
import { parseLine } from "./parse-line.ts";

/** Names offered at once, at most. */
const MAX_NAMES = 50;

/** What completion needs to know about the room, and about the member who types. */
interface RoomView {
	readonly visits: { readonly names: readonly string[] };
	readonly name: string;
	readonly isOwner: boolean;
}

/** A command at the start of the line, else a member's name. */
export function completions(before: string, { visits, name, isOwner }: RoomView): Completions {
	const { typing, target, name: begun } = parseLine(before);
	if (typing === "name") {
		const prefix = `/${begun}`.toLowerCase();
		// A slash alone shows each command once.
		const names = prefix === "/" ? commandNames(isOwner) : allNames(isOwner);
		const commands = names.filter((command) => command.startsWith(prefix));
		return { start: 0, words: commands.map((found) => `${found} `), isOffered: true };
	}
	const word = /\S*$/.exec(before)?.[0] ?? "";
	const at = word.startsWith("@") ? "@" : "";
	const start = before.length - word.length;
	// A blank alone may become a name only where one is due.
	if (word === "" && !(typing === "target" && target === "")) {
		return { start, words: [], isOffered: false };
	}
	const beginning = word.slice(at.length).toLowerCase();
	const words = visits.names
		.filter((member) => member !== name && member.toLowerCase().startsWith(beginning))
		.sort()
		.slice(0, MAX_NAMES)
		.map((member) => `${at}${member} `);
	return { start, words, isOffered: at !== "" };
}
