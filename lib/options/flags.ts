import { join } from "node:path";
import { parseArgs } from "node:util";
import { ChatError, errorMessage } from "../util/errors.ts";

// Flags, and the variables that stand for them: what both doors share.

/** A flag or variable that cannot be meant; the message names it. */
export class UsageError extends ChatError {
	constructor(message: string) {
		super("usage", message);
	}
}

export interface Flag {
	/** What stands for the value in the help; a flag without one is a switch. */
	value?: string;
	default?: string;
	help: string;
	/** On the command line alone: the variable of its name holds something else. */
	hasNoVariable?: true;
}
export type Flags = Record<string, Flag>;
export type LimitFlag = Required<Pick<Flag, "value" | "default" | "help">>;
export type Environment = Record<string, string | undefined>;
export type Values<F extends Flags> = {
	[K in keyof F]: F[K] extends { default: string }
		? string
		: F[K] extends { value: string }
			? string | undefined
			: boolean;
};

export const HOST = "127.0.0.1";
export const PORT = "5050";

export const sharedFlags = {
	keys: {
		value: "DIR",
		default: join(import.meta.dir, "..", "..", "keys"),
		help: "the folder that both sides keep session keys in",
	},
	help: { help: "this page" },
} satisfies Flags;

export function parseInteger(name: string, text: string, min: number, max: number): number {
	const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
	if (number >= min && number <= max) return number;
	throw new UsageError(`${name} must be a whole number from ${min} to ${max}`);
}

export function nonEmpty(name: string, text: string): string {
	if (text === "") throw new UsageError(`${name} must not be empty`);
	return text;
}

export function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
	const choice = choices.find((each) => each === text);
	if (choice === undefined) throw new UsageError(`${name} must be one of ${choices.join(", ")}`);
	return choice;
}

/** Flags before the environment before defaults. */
export function parseFlags<F extends Flags>(
	flags: F,
	args: string[],
	environment: Environment,
): { values: Values<F>; words: string[] } {
	const parsed = parse(flags, args);
	const values: Record<string, string | boolean | undefined> = {};
	for (const [name, flag] of Object.entries<Flag>(flags)) {
		// An empty variable is one that is not set.
		const variable = flag.hasNoVariable ? undefined : environment[variableOf(name)];
		const given = parsed.values[name] ?? (variable || undefined);
		values[name] = flag.value === undefined ? parseSwitch(name, given) : (given ?? flag.default);
	}
	return { values: values as Values<F>, words: parsed.positionals };
}

function parse(flags: Flags, args: string[]) {
	const options = Object.fromEntries(
		Object.entries(flags).map(([name, { value }]) => [
			name,
			{ type: value === undefined ? ("boolean" as const) : ("string" as const) },
		]),
	);
	try {
		return parseArgs({ args, options, allowPositionals: true, strict: true });
	} catch (cause) {
		const [sentence = ""] = errorMessage(cause).split(". ");
		throw new UsageError(sentence);
	}
}

const variableOf = (flag: string): string =>
	`FERNET_CHAT_${flag.toUpperCase().replaceAll("-", "_")}`;

function parseSwitch(name: string, given: string | boolean | undefined): boolean {
	if (given === undefined || typeof given === "boolean") return given ?? false;
	if (given === "1" || given === "true") return true;
	if (given === "0" || given === "false" || given === "") return false;
	throw new UsageError(`${variableOf(name)} must be 1 or 0`);
}

export function helpPage(usage: string, about: string, flags: Flags): string {
	const rows = Object.entries(flags).map(([name, flag]): [string, string] => [
		flag.value === undefined ? `--${name}` : `--${name} ${flag.value}`,
		flag.default === undefined ? flag.help : `${flag.help} (${flag.default})`,
	]);
	const width = Math.max(...rows.map(([left]) => left.length));
	const exceptions = Object.keys(flags).filter((name) => flags[name]?.hasNoVariable);
	const but = exceptions.map((name) => ` but --${name}`).join("");
	const table = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
	return `${about}

Usage: ${usage}

${table.join("\n")}

Each flag${but} may come from the environment instead: FERNET_CHAT_KEYS for --keys, and so on.`;
}
