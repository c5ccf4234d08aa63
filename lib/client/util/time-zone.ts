import { join } from "node:path";
import { readBounded } from "../../util/secure-file.ts";

type Environment = Record<string, string | undefined>;

/** Where POSIX systems keep the rules of each zone, in a file of its name. */
const ZONEINFO = "/usr/share/zoneinfo";
/** Bytes of such a file; the longest has 4 KiB. */
const MAX_BYTES = 64 * 1024;

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

/** The name of the zone that a POSIX TZ stands for; null if there is none. */
export function timeZoneOf(given: string): string | null {
	const text = given.replace(/^:/, "");
	if (!text.startsWith("/")) return namedZone(text) ?? zoneWithRule(text) ?? fixedZone(text);
	const rule = ruleIn(text);
	return namedZone(text) ?? (rule && zoneWithRule(rule));
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

/** A zone that keeps the same rule, such as `CET-1CEST,M3.5.0,M10.5.0/3`, from now on. */
const zoneWithRule = (rule: string): string | null =>
	Intl.supportedValuesOf("timeZone").find((zone) => ruleIn(join(ZONEINFO, zone)) === rule) ?? null;

/** The rule that ends a zone's file, on a line of its own (RFC 9636). */
function ruleIn(path: string): string | null {
	try {
		const text = readBounded(path, MAX_BYTES).toString("latin1");
		return (text.startsWith("TZif") && /\n([^\n]+)\n$/.exec(text)?.[1]) || null;
	} catch {
		return null;
	}
}

/** A name and whole hours, west of Greenwich if positive, as in the names of these zones. */
function fixedZone(text: string): string | null {
	const [, minus, hours] = /^(?:[A-Za-z]{3,}|<[\w+-]+>)(?:\+|(-))?(\d{1,2})$/.exec(text) ?? [];
	return hours === undefined ? null : namedZone(`Etc/GMT${minus ?? "+"}${Number(hours)}`);
}
