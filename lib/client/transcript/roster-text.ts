import type { Roster } from "../../wire/messages/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/**
 * Lists the members here, one per line. `wallNow`, in milliseconds since 1970, stands in for the
 * server's time where an older server does not send it.
 */
export function rosterText({ members, at }: Roster, wallNow: number): string {
	const now = at ?? wallNow;
	const lines = members.map(({ name, since, away, owner, address = "" }) => {
		const rank = owner ? "  (an owner)" : "";
		const absence = away === undefined ? "" : `  (away for ${span(now - away)})`;
		return `${sanitizeLine(name)}  ${sanitizeLine(address)}  for ${span(now - since)}${rank}${absence}`;
	});
	const title = members.length === 1 ? "Only you are here:" : `${members.length} people are here:`;
	return [title, ...lines].join("\n");
}

/** What the roster has of one member, as a sentence. `now` is in milliseconds since 1970. */
export function memberText(
	{ name, since, away, owner, address }: Roster["members"][number],
	now: number,
): string {
	const account = address ? ` (${sanitizeLine(address)})` : "";
	const rank = owner ? ", an owner of the room," : "";
	const absence = away === undefined ? "" : `, and away for ${span(now - away)}`;
	return `${sanitizeLine(name)}${account}${rank} has been here for ${span(now - since)}${absence}.`;
}

/** A duration in words; never negative, even if the server's clock is ahead of ours. */
export function span(milliseconds: number): string {
	const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
	if (minutes < 60) return `${minutes} min`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
