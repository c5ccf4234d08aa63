import { relative } from "node:path";
import { workingFolder } from "../util/working-folder.ts";
import { type Flag, type Flags, flagName } from "./flags.ts";

/** The usual width of a terminal. */
const COLUMNS = 80;
/** The column where a flag's help begins; a longer flag gets a row of its own. */
const HELP_AT = 26;

/** Returns what `--help` prints: at most 80 columns wide, unless a single word is wider. */
export function helpPage(usage: string, about: string, flags: Flags): string {
	const exceptions = Object.keys(flags).filter((option) => flags[option]?.hasNoVariable);
	const names = new Intl.ListFormat("en-GB").format(
		exceptions.map((each) => `--${flagName(each)}`),
	);
	const variables = `You can set a variable instead of a flag: FERNET_CHAT_KEYS for --keys, and so on. Only ${names} have none.`;
	const rows = Object.entries(flags).map(([option, flag]) => row(option, flag));
	const paragraphs = [about, `Usage: ${usage}`, rows.join("\n"), variables];
	return paragraphs.map((text) => (text.startsWith(" ") ? text : wrap(text, COLUMNS))).join("\n\n");
}

function row(option: string, { placeholder, short, help, default: value }: Flag<unknown>): string {
	const name = `${short ? `-${short}, ` : ""}--${flagName(option)}`;
	const flag = `  ${placeholder === undefined ? name : `${name} ${placeholder}`}`;
	const isShown = placeholder !== undefined && value !== undefined;
	const text = isShown ? `${help} (${shortened(value)})` : help;
	const lines = wrap(text, COLUMNS - HELP_AT).replaceAll("\n", `\n${" ".repeat(HELP_AT)}`);
	const fits = flag.length + 2 <= HELP_AT;
	return `${flag.padEnd(HELP_AT)}${fits ? "" : `\n${" ".repeat(HELP_AT)}`}${lines}`.replace(
		/ +\n/g,
		"\n",
	);
}

/** Shows a path relative to the current folder if that is shorter. */
function shortened(value: string): string {
	const folder = workingFolder();
	if (!value.startsWith("/") || folder === null) return value;
	const here = relative(folder, value);
	return here.length < value.length ? here : value;
}

/** Breaks each line of a text at spaces. Words are never broken. */
function wrap(text: string, columns: number): string {
	const lines = text.split("\n").map((line) => {
		let end = 0;
		return line.split(" ").reduce((wrapped, word) => {
			const breaks = wrapped !== "" && end + 1 + word.length > columns;
			end = breaks || wrapped === "" ? word.length : end + 1 + word.length;
			return wrapped === "" ? word : `${wrapped}${breaks ? "\n" : " "}${word}`;
		}, "");
	});
	return lines.join("\n");
}
