import type { Command } from "./command.ts";

/** Column in the help at which the descriptions begin. */
const HELP_COLUMN = 25;

/** The name of a command and its other names. */
export const namesOf = ({ name, aliases = [] }: Command): readonly string[] => [name, ...aliases];

/** How to type a command: `/tell NAME TEXT`. */
export const usageOf = ({ name, target, text }: Command): string =>
	[`/${name}`, target, text].filter((part) => part !== undefined).join(" ");

/** `ownerCommands` is empty for whoever is no owner; `keyHelp` says what keys do. */
export const helpPage = (
	commands: readonly Command[],
	ownerCommands: readonly Command[],
	keyHelp: readonly string[],
): string =>
	[
		"Commands:",
		...commands.map(helpRow),
		`${"//text".padEnd(HELP_COLUMN)}say a line that begins with a slash`,
		...(ownerCommands.length > 0 ? ["For owners of the room:", ...ownerCommands.map(helpRow)] : []),
		...keyHelp,
	].join("\n");

/** A command, what it does and its other names. */
export function helpRow(command: Command): string {
	const { aliases = [], help } = command;
	const others = aliases.map((name) => `/${name}`).join(", ");
	return usageOf(command).padEnd(HELP_COLUMN) + (others === "" ? help : `${help} (or ${others})`);
}
