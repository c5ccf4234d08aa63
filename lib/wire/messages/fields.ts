import { confusableKey } from "../../util/confusables.ts";
import { RANDOM_ID } from "../../util/random-id.ts";
import { type Field, matching, optional, text, wholeNumber } from "./schema.ts";

// The fields of messages, each with the values that it may have.

export const MAX_TEXT_BYTES = 8192;
/** Members that a room can hold, however its server was started. */
export const MAX_MEMBERS = 10_000;
const NAME = /^[A-Za-z0-9_.-]{1,24}$/;
/** Printable ASCII, like Gmail's; no quotes and no control characters, which AUTH would pass on. */
const EMAIL = /^[!#-?A-~]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

export const nameField = matching(NAME, "1 to 24 of the characters A-Z a-z 0-9 . _ -");
/**
 * What our client itself writes where a name stands: in a private line, a prompt, a sentence, before
 * an announcement. Nobody can log in under such a name, or one that looks like it: `PRIVATE.` does,
 * and `---` looks like the mark of a note.
 */
const RESERVED_NAMES = ["you", "all", "everybody", "nobody", "PRIVATE", "ANNOUNCEMENT"];
const withoutPunctuation = (name: string): string => confusableKey(name).replaceAll("-", "");
const RESERVED_KEYS: ReadonlySet<string> = new Set(["", ...RESERVED_NAMES].map(withoutPunctuation));

/** The name of a login. Elsewhere any name is taken: an older server may have let it in. */
export const loginNameField: Field<string> = {
	expected: `${nameField.expected}, but not punctuation alone, and none that the room itself writes (${RESERVED_NAMES.join(", ")})`,
	is: (value): value is string =>
		nameField.is(value) && !RESERVED_KEYS.has(withoutPunctuation(value)),
};
export const emailField: Field<string> = {
	expected: "an address like somebody@mail.example",
	is: (value): value is string =>
		typeof value === "string" && value.length <= 254 && EMAIL.test(value),
};
/**
 * A control character would end AUTH PLAIN's password early, or begin another SMTP command. A lone
 * surrogate has no UTF-8: Gmail would be asked about another password.
 */
export const passwordField = matching(
	/^[^\p{Cc}\p{Cs}]{1,256}$/u,
	"1 to 256 characters, none of them a control character",
);
/** An OAuth 2 access token as in RFC 6750; it fits a line together with the rest of a login. */
export const accessTokenField = matching(
	/^[\w.~+/-]{1,2040}={0,8}$/,
	"1 to 2048 of the characters A-Z a-z 0-9 - . _ ~ + / =",
);
export const textField = text(MAX_TEXT_BYTES);
export const idField = matching(/^[\w-]{1,36}$/, "1 to 36 of the characters A-Z a-z 0-9 _ -");
/** One member's stay in the room: a name may be another's tomorrow, a visit never is. */
export const visitField = matching(/^[\w-]{1,22}$/, "1 to 22 of the characters A-Z a-z 0-9 _ -");
/** A member and its visit. Every newcomer gets all of them, so that names of fields would cost most. */
export const memberField: Field<[name: string, visit: string]> = {
	expected: "a pair of a name and its visit",
	is: (value): value is [string, string] =>
		Array.isArray(value) && nameField.is(value[0]) && visitField.is(value[1]),
	pick: ([name, visit]) => [name, visit],
};
/** Somebody who is away: the visit, and since when. */
export const awayField: Field<[visit: string, since: number]> = {
	expected: "a pair of a visit and a time",
	is: (value): value is [string, number] =>
		Array.isArray(value) && visitField.is(value[0]) && wholeNumber.is(value[1]),
	pick: ([visit, since]) => [visit, since],
};
/** Present or absent. A `say` with `me` tells what its author does: "ann waves". */
export const flag = optional<true>({ expected: "true", is: (value) => value === true });
export const keyField = matching(/^[\w-]{43}=$/, "a Fernet key");
export const randomIdField = matching(RANDOM_ID, "32 of the characters 0-9 a-f");
/** What a remembered device logs in with: its id, and a secret that changes at every use. */
export const deviceField = matching(/^[0-9a-f]{96}$/, "96 of the characters 0-9 a-f");
/** The code that the server mails to an account. */
export const codeField = matching(/^[0-9]{6}$/, "six digits");
export const codeWordField = matching(/^[a-z_]{1,40}$/, "a word of a-z and _");
export const shownEmailField = text(254);
export const titleField = matching(
	/^[^\p{Cc}\p{Cs}]{1,80}$/u,
	"1 to 80 characters, none of them a control character",
);
/** The message of the day. */
export const motdField = text(4096);
/** The reason that an owner gives. */
export const reasonField = optional(text(200));
/** A name never contains `@`; an address always does. */
export const personField: Field<string> = {
	expected: `a name, or ${emailField.expected}`,
	is: (value): value is string => nameField.is(value) || emailField.is(value),
};
