import type { Json } from "./programs.ts";

/** The visits that a message tells of: a welcome, a roster or somebody's joining. */
export function visitsIn({ type, members, name, visit }: Json): [name: string, visit: string][] {
	if (type === "joined") return [[String(name), String(visit)]];
	if (!Array.isArray(members)) return [];
	// The wire's welcome has pairs; its roster, and all that a bot prints, have objects.
	return members.map((member: Json | [string, string]) =>
		Array.isArray(member) ? member : [String(member.name), String(member.visit)],
	);
}
