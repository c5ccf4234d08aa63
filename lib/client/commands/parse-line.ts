import {
	fromFirstVisible,
	isBlank,
	withoutInvisible,
	withoutInvisibleStart,
} from "../../util/invisible.ts";
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

/** They look like a slash; the first is what keyboards for Chinese and Japanese type. */
const SLASH_LOOKALIKE = /^[／⁄∕⧸]/;

/**
 * One slash begins a command; two begin a text whose first character is a slash. Invisible characters
 * and blanks before it change nothing, nor do invisible ones in the name and the target.
 */
export function parseLine(typed: string): ParsedLine {
	const line = fromFirstVisible(typed).replace(SLASH_LOOKALIKE, "/");
	const afterSlash = withoutInvisibleStart(line.slice(1));
	if (!line.startsWith("/") || afterSlash.startsWith("/")) {
		const text = line.startsWith("/") ? afterSlash : typed;
		const said = { name: null, command: undefined, target: "", typing: "text" } as const;
		return { ...said, text, audience: "everybody" };
	}
	const [word, blank, rest] = firstWord(afterSlash);
	const name = withoutInvisible(word);
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
	if (command?.target === undefined) return { target: "", text: textOf(rest), typing: "text" };
	if (command.text === undefined) {
		return { target: targetOf(rest.trim()), text: "", typing: "target" };
	}
	const [word, blank, text] = firstWord(rest);
	const typing = blank === "" ? "target" : "text";
	return { target: targetOf(word), text: textOf(text), typing };
}

/** A word, the blanks behind it, and the rest. */
function firstWord(text: string): [word: string, blank: string, rest: string] {
	// A byte order mark is a blank to `\s`, and to nobody's eye.
	const [, word = "", blank = "", rest = ""] = /^((?:\S|\ufeff)*)(\s*)([\s\S]*)$/.exec(text) ?? [];
	return [word, blank, rest];
}

const targetOf = (word: string): string =>
	isBlank(word) ? "" : (/^@?([^@].*)?$/s.exec(withoutInvisible(word))?.[1] ?? "");

const textOf = (text: string): string => (isBlank(text) ? "" : text.trim());
