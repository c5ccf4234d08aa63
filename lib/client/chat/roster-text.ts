import type { Roster } from "../../wire/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/** Who is here, a line each. `now` in milliseconds since 1970. */
export function rosterText({ members }: Roster, now: number): string {
	const lines = members.map(
		({ name, since, address = "" }) =>
			`${sanitizeLine(name)}  ${sanitizeLine(address)}  here for ${span(now - since)}`,
	);
	return [`${members.length} here:`, ...lines].join("\n");
}

/** Milliseconds as a person says them; a clock that is ahead of ours makes none of them negative. */
function span(milliseconds: number): string {
	const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
	if (minutes < 60) return `${minutes} min`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
