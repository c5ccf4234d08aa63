import type { Actions } from "./command.ts";
import { unknownCommand } from "./commands.ts";
import { usageOf } from "./help.ts";
import { parseLine } from "./parse-line.ts";

/** Sends a typed text, or runs a typed command. A mistyped command is never sent as a text. */
export function runLine(actions: Actions, typed: string): void {
	const { name, command, target, text } = parseLine(typed);
	if (name === null) return actions.say(text, false);
	if (!command) return actions.problem(unknownCommand(name, actions.isOwner));
	if (isMissing(command.target, target) || isMissing(command.text, text)) {
		return actions.problem(`Usage: ${usageOf(command)}`);
	}
	command.run(actions, { target, text });
}

const isMissing = (usage: string | undefined, given: string): boolean =>
	usage !== undefined && !usage.startsWith("[") && given === "";
