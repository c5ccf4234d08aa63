import { type Flags, flagName } from "./flags.ts";
import { UsageError } from "./parsers.ts";
import { type Environment, isInjected, variableName } from "./variables.ts";

/** Variables that are no flag's: every user of the machine can read a flag. */
const SECRETS = ["password", "token", "mailer-user", "mailer-password"];
/** What cannot be one of ours, however it is misspelt. */
const OURS = /fernet|chat/i;

/**
 * Throws UsageError for a variable that is probably a misspelt one of either program: ignored,
 * FERNET_CHAT_ALOW would open the room to everybody. What orchestrators inject is not ours.
 */
export function assertVariablesKnown(environment: Environment): void {
	const candidates = Object.entries(environment).flatMap(([name, value = ""]) =>
		OURS.test(name) && !isInjected(name, value) ? name : [],
	);
	if (candidates.length === 0) return;
	// Loaded here, because most programs start without a variable of ours.
	const { serverFlags }: typeof import("./server-flags.ts") = require("./server-flags.ts");
	const { clientFlags }: typeof import("./client-flags.ts") = require("./client-flags.ts");
	const flags: Flags = { ...clientFlags, ...serverFlags };
	const names = [...Object.keys(flags).map(flagName), ...SECRETS].map(variableName);
	const guards = Object.keys(flags).filter((option) => flags[option]?.isGuard);
	for (const name of candidates) {
		if (names.includes(name)) continue;
		const meant = meantBy(name.toUpperCase(), names, guards.map(flagName).map(variableName));
		if (meant === undefined) continue;
		throw new UsageError(
			`There is no variable ${JSON.stringify(name)}. Did you mean ${meant}? If not, unset it or rename it.`,
		);
	}
}

/** The variable of ours that `name`, in capitals, was probably meant to be. */
function meantBy(name: string, names: readonly string[], guards: readonly string[]) {
	const {
		closest,
		distance,
	}: typeof import("fastest-levenshtein") = require("fastest-levenshtein");
	// Of four letters, two others make another word: HOME is not meant to be HOST.
	const maxErrors = (each: string) => (each.length < variableName("owner").length ? 1 : 2);
	const near = names.filter((each) => distance(name, each) <= maxErrors(each));
	if (near.length > 0) return closest(name, near);
	return (
		names.find((each) => lettersOf(each) === lettersOf(name)) ??
		// FERNET_CHAT_ALLOWED_USERS would be as bad to ignore.
		guards.find((each) => name.startsWith(each))
	);
}

/** The same for names that differ only in the order of their letters. */
const lettersOf = (name: string): string => [...name].sort().join("");
