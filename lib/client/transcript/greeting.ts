import type { Welcome } from "../../wire/messages/messages.ts";
import { count } from "../util/count.ts";
import { sanitizeLine } from "../util/sanitize.ts";

/** Members whom the greeting names; if there are more, it only counts them. */
const MAX_GREETED = 10;

/** What a member reads first: who is here, and who can read what is said. */
export function greeting({ name, members, away = [], history }: Welcome): string[] {
	const others = members.filter(([other]) => other !== name);
	const absent = new Set(away.map(([visit]) => visit));
	const shown = others.map(
		([other, visit]) => `${sanitizeLine(other)}${absent.has(visit) ? " (away)" : ""}`,
	);
	const named = others.length > MAX_GREETED ? `${others.length} others` : shown.join(", ");
	const present = named === "" ? "Nobody else is here yet" : `Also here: ${named}`;
	const here = `You are ${sanitizeLine(name)}. ${present}. Type /help for the commands.`;
	if (!history) return [here];
	const most = `${count(history.events, "message")} at most, never a private one`;
	return [here, `Anyone who joins later can read what was said before: ${most}.`];
}
