import { nearest } from "../util/nearest.ts";
import { type Flags, flagName } from "./flags.ts";
import { UsageError } from "./parsers.ts";
import { type Environment, isInjected, variableName } from "./variables.ts";

/** Variables that are no flag's: every user of the machine can read a flag. */
const SECRETS = ["password", "token", "mailer-user", "mailer-password"].map(variableName);
/** Whatever begins like this is meant for us. */
const OUR_PREFIX = /^fernet[^a-z\d]*chat/i;
/** Saves us from looking at the others: typing errors hardly ever begin a word. */
const CANDIDATE = /fernet|chat|(^|[^a-z])[fc].*[^a-z][aom]/i;
/** The words that say who can join, or how. */
const GUARDS = ["ALLOW", "OWNER", "METHODS"];

/**
 * Throws UsageError for a variable that was probably meant to be one of either program's: ignored,
 * FERNET_CHAT_ALOW would open the room to everybody. What orchestrators inject is not ours.
 */
export function assertVariablesKnown(environment: Environment): void {
	const candidates = Object.entries(environment).flatMap(([name, value = ""]) =>
		CANDIDATE.test(name) && !SECRETS.includes(name) && !isInjected(name, value) ? name : [],
	);
	if (candidates.length === 0) return;
	// Loaded here, because most programs start without a variable of a flag.
	const { serverFlags }: typeof import("./server-flags.ts") = require("./server-flags.ts");
	const { clientFlags }: typeof import("./client-flags.ts") = require("./client-flags.ts");
	const flags: Flags = { ...clientFlags, ...serverFlags };
	const names = [...Object.keys(flags).map((option) => variableName(flagName(option))), ...SECRETS];
	for (const name of candidates) {
		if (names.includes(name)) continue;
		const meant = meantBy(name.toUpperCase(), names);
		if (meant === undefined && !OUR_PREFIX.test(name)) continue;
		const advice = meant
			? `Did you mean ${meant}? If not, unset it or rename it.`
			: "Type --help for those there are, or else unset it or rename it.";
		throw new UsageError(`There is no variable ${JSON.stringify(name)}. ${advice}`);
	}
}

/** The variable of ours that `name`, in capitals, was probably meant to be. */
const meantBy = (name: string, names: readonly string[]): string | undefined =>
	nearest(name, names) ?? names.find((each) => name.startsWith(each)) ?? guardIn(name);

/** The variable that says who can join, if a word of `name` is like its own, and another like ours. */
function guardIn(name: string): string | undefined {
	const words = name.split(/[^A-Z\d]+/);
	// Of four letters, two others make another word: CART is not meant to be CHAT.
	const isOurs = (word: string) =>
		nearest(word, ["FERNET", "FERNETCHAT"]) ?? nearest(word, ["CHAT"], 1);
	if (!words.some(isOurs)) return undefined;
	const guard = words.map((word) => nearest(word, GUARDS)).find((each) => each !== undefined);
	return guard && variableName(guard);
}
