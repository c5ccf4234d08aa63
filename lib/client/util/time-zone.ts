import { join } from "node:path";
import { readBounded } from "../../util/secure-file.ts";

type Environment = Record<string, string | undefined>;

/** Where POSIX systems keep the rules of each zone, in a file of its name. */
const ZONEINFO = "/usr/share/zoneinfo";
/** Bytes of such a file; the longest has 4 KiB. */
const MAX_BYTES = 64 * 1024;
/** In seconds. */
const HOUR = 3600;

/**
 * Makes the runtime show local times: it knows TZ only as a zone's name, and shows UTC where POSIX
 * allows a path or a rule too. Changes TZ in `environment`, which must be the process's own. Returns
 * a sentence for the user if it cannot tell the zone, or null.
 */
export function adoptTimeZone(environment: Environment): string | null {
	const given = environment.TZ;
	if (!given) return null;
	const zone = timeZoneOf(given);
	if (zone === null) {
		return `The variable TZ is ${JSON.stringify(given)}, which is no time zone that this program knows, so it shows times in UTC. Set it to a name such as Europe/Berlin.`;
	}
	environment.TZ = zone;
	return null;
}

/** The name of a zone that shows the times of a POSIX TZ; null if there is none. */
export function timeZoneOf(given: string): string | null {
	const text = given.replace(/^:/, "");
	if (!text.startsWith("/")) return namedZone(text) ?? zoneWithRule(text);
	const rule = ruleIn(text);
	return namedZone(text) ?? (rule && zoneWhere((its) => its === rule));
}

/** From a name, or from a path that ends with one. */
function namedZone(text: string): string | null {
	const name = text.replace(/^.*\/zoneinfo\//, "").replace(/^(posix|right)\//, "");
	// An offset such as +05:30 is a zone to Intl, and UTC where the runtime reads TZ.
	if (/^[+-]/.test(name)) return null;
	try {
		new Intl.DateTimeFormat("en", { timeZone: name });
		return name;
	} catch {
		return null;
	}
}

/** A zone that keeps the same rule from now on, whatever it calls its times. */
function zoneWithRule(text: string): string | null {
	const rule = normalRule(text);
	return rule && (fixedZone(rule) ?? zoneWhere((its) => normalRule(its) === rule));
}

/** The first zone whose rule fits. */
const zoneWhere = (fits: (rule: string) => boolean): string | null =>
	Intl.supportedValuesOf("timeZone").find((zone) => fits(ruleIn(join(ZONEINFO, zone)) ?? "")) ??
	null;

/** The rule that ends a zone's file, on a line of its own (RFC 9636). */
function ruleIn(path: string): string | null {
	try {
		const text = readBounded(path, MAX_BYTES).toString("latin1");
		return (text.startsWith("TZif") && /\n([^\n]+)\n$/.exec(text)?.[1]) || null;
	} catch {
		return null;
	}
}

/** The zone of a normal rule that is one offset of whole hours. */
function fixedZone(rule: string): string | null {
	const hours = Number(rule) / HOUR;
	return Number.isInteger(hours) ? namedZone(`Etc/GMT${hours < 0 ? "" : "+"}${hours}`) : null;
}

const NAME = "(?:[A-Za-z]{3,}|<[\\w+-]+>)";
const TIME = "[+-]?\\d{1,3}(?::[0-5]?\\d){0,2}";
const DATE = "(?:M\\d+\\.\\d+\\.\\d+|J?\\d+)";
const CHANGES = `,(?<start>${DATE})(?:/(?<startTime>${TIME}))?,(?<end>${DATE})(?:/(?<endTime>${TIME}))?`;
/** Such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX, "Environment Variables"). */
const RULE = new RegExp(
	`^${NAME}(?<standard>${TIME})(?<summer>${NAME}(?<summerOffset>${TIME})?(?:${CHANGES})?)?$`,
);

/** A rule in one spelling: in seconds, with all defaults, without names; null if it is none. */
function normalRule(text: string): string | null {
	const rule: Record<string, string | undefined> = RULE.exec(text)?.groups ?? {};
	if (rule.standard === undefined) return null;
	const standard = seconds(rule.standard);
	if (rule.summer === undefined) return String(standard);
	const summer = rule.summerOffset === undefined ? standard - HOUR : seconds(rule.summerOffset);
	const { start = "M3.2.0", startTime = "2", end = "M11.1.0", endTime = "2" } = rule;
	const changes = [plain(start), seconds(startTime), plain(end), seconds(endTime)];
	return [standard, summer, ...changes].join(" ");
}

function seconds(time: string): number {
	const [hours = 0, minutes = 0, rest = 0] = time.replace(/^[+-]/, "").split(":").map(Number);
	const total = hours * HOUR + minutes * 60 + rest;
	return time.startsWith("-") ? -total : total;
}

/** Without leading zeros. */
const plain = (date: string): string => date.replaceAll(/\d+/g, (digits) => String(Number(digits)));
