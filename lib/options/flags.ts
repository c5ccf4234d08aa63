import { join } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../../package.json";
import { errorMessage, systemErrorCode } from "../util/errors.ts";
import { installation } from "../util/installation.ts";
import { nearest } from "../util/nearest.ts";
import type { UserFolder } from "../util/user-folders.ts";
import { defaultKeys } from "./folders.ts";
import { onOff, type Parser, path, UsageError } from "./parsers.ts";
import type { Sources } from "./sources.ts";
import { type Environment, isInjected, variableName } from "./variables.ts";

// Flags and the environment variables that stand for them: what both programs share.

export interface Flag<T> {
	/** Stands for the value on the help page; a flag without one is a switch. */
	readonly placeholder?: string;
	/** As a person would type it. Without one, the value of a flag that is not given is undefined. */
	readonly default?: string;
	/** In its place, for a folder whose place is the user's to choose, for all programs. */
	readonly defaultFolder?: (environment: Environment) => UserFolder;
	readonly help: string;
	readonly parse: Parser<T>;
	/** A single letter that may replace the flag's name. */
	readonly short?: string;
	/**
	 * Says who can join, who owns the room or what others see. Its variable, set but empty, is
	 * refused: taken as unset, it would open what it was meant to close.
	 */
	readonly isGuard?: true;
	/** The flag has no variable: it only prints, or the variable of that name holds something else. */
	readonly hasNoVariable?: true;
}

/** By the name of the option: `tlsCert` is `--tls-cert` and FERNET_CHAT_TLS_CERT. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type ValuesOf<F extends Flags> = {
	readonly [K in keyof F]:
		| ReturnType<F[K]["parse"]>
		| (F[K] extends { default: string } | Required<Pick<Flag<unknown>, "defaultFolder">>
				? never
				: undefined);
};

export const HOST = "127.0.0.1";
export const PORT = "5050";

export const toggle = (help: string) => ({ default: "0", help, parse: onOff });

const KEYS = "the folder for session keys, shared by server and client";

const keys =
	installation.kind === "clone"
		? { default: join(installation.root, "keys"), help: KEYS }
		: {
				defaultFolder: defaultKeys,
				help: `${KEYS} ($XDG_RUNTIME_DIR/fernet-chat/keys or ~/.local/state/fernet-chat/keys)`,
			};

export const sharedFlags = {
	keys: { placeholder: "DIR", ...keys, parse: path },
	help: { ...toggle("show this page"), short: "h", hasNoVariable: true },
	version: { ...toggle("show the version"), short: "v", hasNoVariable: true },
} satisfies Flags;

export interface Parsed<F extends Flags> {
	readonly values: ValuesOf<F>;
	/** The arguments that are no flag's. */
	readonly positionals: readonly string[];
	readonly sources: Sources;
}

/**
 * Takes each value from the flags, else from the environment, else from its default. Returns a
 * string if there is only something to print: the help page or the version. Throws UsageError.
 */
export function parseFlags<F extends Flags & typeof sharedFlags>(
	flags: F,
	page: () => string,
	args: string[],
	environment: Environment,
): Parsed<F> | string {
	const given = splitArgs(flags, args);
	for (const argument of given.positionals) assertNoDash(argument, flags);
	const sources: Record<string, string> = {};
	const resolve = (option: string, flag: Flag<unknown>) => {
		const name = flagName(option);
		const { text, source } = choose(name, flag, given.values[name], environment);
		if (source !== undefined) sources[option] = source;
		return text === undefined ? undefined : flag.parse(text, source ?? `--${name}`);
	};
	// First, so that --help works even if another value is invalid.
	if (resolve("help", flags.help)) return page();
	if (resolve("version", flags.version)) return `${manifest.name} ${manifest.version}`;
	const values = Object.entries(flags).map(([option, flag]) => [option, resolve(option, flag)]);
	return {
		values: Object.fromEntries(values) as ValuesOf<F>,
		positionals: given.positionals,
		sources,
	};
}

/** A flag's text and, unless it is the default, what gave it. Throws UsageError. */
function choose(
	name: string,
	flag: Flag<unknown>,
	typed: string | boolean | undefined,
	environment: Environment,
): { text: string | undefined; source: string | undefined } {
	if (typed !== undefined) return { text: String(typed), source: `--${name}` };
	const set = variableOf(flag, name, environment);
	if (set !== undefined) return { text: set, source: `${variableName(name)} (--${name})` };
	const folder = flag.defaultFolder?.(environment);
	return { text: flag.default ?? folder?.path, source: folder?.variable };
}

/** The text of a flag's variable; undefined if there is none. Throws UsageError. */
function variableOf(
	{ hasNoVariable, isGuard }: Flag<unknown>,
	name: string,
	environment: Environment,
): string | undefined {
	const variable = variableName(name);
	const set = hasNoVariable ? undefined : environment[variable];
	if (set === "" && isGuard) {
		throw new UsageError(`${variable} is empty. Set it to a value for --${name}, or unset it.`);
	}
	// Any other empty variable counts as unset.
	return set && !isInjected(variable, set) ? set : undefined;
}

function splitArgs(flags: Flags, args: string[]) {
	const options = Object.entries(flags).map(([option, { placeholder, short }]) => {
		const type = placeholder === undefined ? ("boolean" as const) : ("string" as const);
		return [flagName(option), short === undefined ? { type } : { type, short }] as const;
	});
	try {
		const config = { options: Object.fromEntries(options), allowPositionals: true, strict: true };
		return parseArgs({ args, ...config });
	} catch (cause) {
		const [sentence = ""] = errorMessage(cause).split(". ");
		if (systemErrorCode(cause) !== "ERR_PARSE_ARGS_UNKNOWN_OPTION")
			throw new UsageError(`${sentence}.`);
		const [, typed = ""] = /'(--[^'=]+)/.exec(sentence) ?? [];
		throw new UsageError(`${sentence}. ${suggestion(typed, flags)}`);
	}
}

/** What editors make of two hyphens is no flag, and nobody's server is called so. Throws UsageError. */
function assertNoDash(argument: string, flags: Flags): void {
	const [dash] = /^[\p{Pd}\u2212]+/u.exec(argument) ?? [];
	if (dash === undefined) return;
	const typed = argument.replace(dash, "--").replace(/=.*/s, "");
	throw new UsageError(
		`There is no flag ${JSON.stringify(argument)}: flags begin with two hyphens. ${suggestion(typed, flags)}`,
	);
}

/** Suggests the flag that was probably meant, or else where to find it. */
function suggestion(typed: string, flags: Flags): string {
	const names = Object.keys(flags).map((option) => `--${flagName(option)}`);
	const name = nearest(typed, names);
	return name ? `Did you mean ${name}?` : "Type --help for the flags.";
}

export const flagName = (option: string): string =>
	option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
