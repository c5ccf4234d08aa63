import type { Actions, Command } from "./command.ts";
import { unknownCommand } from "./commands.ts";
import { usageOf } from "./help.ts";
import { parseLine } from "./parse-line.ts";

/** Sends a typed text, or runs a typed command. A mistyped command is never sent as a text. */
export function runLine(actions: Actions, typed: string): void {
	const { name, command, target, text } = parseLine(typed);
	if (name === null) return actions.say(text, false);
	if (!command) return actions.giveBack(unknownCommand(name, actions.isOwner));
	// Without this, "/leave me alone" would leave.
	const isTooMuch = takesNothing(command) && text !== "";
	if (isTooMuch || isMissing(command.target, target) || isMissing(command.text, text)) {
		return actions.giveBack(`Usage: ${usageOf(command)}`);
	}
	command.run(actions, { target, text });
}

const takesNothing = ({ target, text }: Command): boolean => (target ?? text) === undefined;

const isMissing = (usage: string | undefined, given: string): boolean =>
	usage !== undefined && !usage.startsWith("[") && given === "";
