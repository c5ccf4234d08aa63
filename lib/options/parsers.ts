import { expandHome } from "../util/home-path.ts";
import { ReasonedError, reason } from "../wire/errors/reason.ts";
import type { Field } from "../wire/messages/schema.ts";

// Parsers that turn the text of a flag into its value.

/** A flag, a variable or an argument is unusable; the message names it. */
export class UsageError extends ReasonedError {
	constructor(message: string) {
		super(reason("usage", message));
	}
}

/** Returns the value. Throws UsageError, which says what `name` must be. */
export type Parser<T> = (text: string, name: string) => T;

/** `expected` continues "must be"; `read` returns null for any other text. */
export function parser<T>(expected: string, read: (text: string) => T | null): Parser<T> {
	return (text, name) => {
		const value = read(text);
		if (value !== null) return value;
		// As JSON, so that the message stays on one line whatever the text holds.
		throw new UsageError(`${name} must be ${expected}, not ${JSON.stringify(text)}.`);
	};
}

export const integer = (min: number, max: number): Parser<number> =>
	parser(`a whole number from ${min} to ${max}`, (text) => {
		const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
		return number >= min && number <= max ? number : null;
	});

export const nonEmpty = (expected: string): Parser<string> =>
	parser(expected, (text) => (text === "" ? null : text));

/** A path, perhaps with the `~` that a shell leaves alone after `=`, and a file of variables too. */
export const path: Parser<string> = (text, name) => {
	const expanded = nonEmpty("a path")(text, name);
	// Only a shell knows whose home ~ann is: as a path it would be a folder of that name, here.
	if (/^~[^/]/.test(expanded)) {
		throw new UsageError(
			`${name} is ${JSON.stringify(text)}, but only ~/ stands for a home folder here. Write the whole path, or ./~… for a folder of that name.`,
		);
	}
	return expandHome(expanded);
};

export const oneOf = <T extends string>(choices: readonly T[]): Parser<T> =>
	parser(`one of ${choices.join(", ")}`, (text) => choices.find((each) => each === text) ?? null);

/** Values separated by commas, with or without spaces around them. */
export const listOf =
	<T>(item: Parser<T>): Parser<T[]> =>
	(text, name) =>
		text.split(",").map((each) => item(each.trim(), `each entry of ${name}`));

/** A variable is often set from a file, whose last line ends: no secret of ours does. */
export const withoutLineEnd = (text: string | undefined): string | undefined =>
	text?.replace(/[\r\n]+$/, "");

/** Why a variable that no flag stands for is unusable. Never repeats it: it may be a secret. */
export const faultOf = (text: string | undefined, { expected }: Field<string>): string =>
	text ? `is not ${expected}` : "is not set";

/** Accepts the text that the wire accepts for this field. */
export const valid =
	(field: Field<string>): Parser<string> =>
	(text, name) => {
		if (field.is(text)) return text;
		// Not repeated: it may be a password that somebody gave in the wrong place.
		throw new UsageError(`${name} must be ${field.expected}.`);
	};

const SWITCH_VALUES = new Map([
	["1", true],
	["true", true],
	["0", false],
	["false", false],
]);

export const onOff: Parser<boolean> = parser("1 or 0", (text) => SWITCH_VALUES.get(text) ?? null);
