import type { Audience, Command, CommandArguments } from "./command.ts";
import { findCommand } from "./commands.ts";

/**
 * A line, finished or not, parsed in one place: the prompt's label, completion and execution all
 * use the result, so that a line does what the prompt said it would.
 */
interface ParsedLine extends CommandArguments {
	/** The word after the slash; null in a line that is no command. */
	readonly name: string | null;
	/** The command of that name, if there is one. */
	readonly command: Command | undefined;
	/** The part in which the line ends, which is the one being typed. */
	readonly typing: "name" | "target" | "text";
	/** The recipient of `text`; "nobody" before the text can begin, and if the command says nothing. */
	readonly audience: Audience | "nobody";
}

/** One slash begins a command; two begin a text whose first character is a slash. */
export function parseLine(typed: string): ParsedLine {
	const isCommand = typed.startsWith("/") && !typed.startsWith("//");
	if (!isCommand) {
		const text = typed.startsWith("/") ? typed.slice(1) : typed;
		const said = { name: null, command: undefined, target: "", typing: "text" } as const;
		return { ...said, text, audience: "everybody" };
	}
	const [, name = "", blank = "", rest = ""] = /^\/(\S*)(\s*)([\s\S]*)$/.exec(typed) ?? [];
	const command = findCommand(name);
	const given = parseArguments(command, rest);
	const typing = blank === "" ? "name" : given.typing;
	const canBegin = typing === "text" && (command?.audience !== "target" || given.target !== "");
	const audience = (canBegin && command?.audience) || "nobody";
	return { name, command, ...given, typing, audience };
}

function parseArguments(
	command: Command | undefined,
	rest: string,
): Pick<ParsedLine, "target" | "text" | "typing"> {
	if (command?.target === undefined) return { target: "", text: rest.trim(), typing: "text" };
	if (command.text === undefined) {
		return { target: rest.trim().replace(/^@/, ""), text: "", typing: "target" };
	}
	const [, target = "", blank = "", text = ""] = /^@?([^\s@]\S*)?(\s*)([\s\S]*)$/.exec(rest) ?? [];
	return { target, text: text.trim(), typing: blank === "" ? "target" : "text" };
}
