import type { Incoming } from "../net/incoming.ts";
import { count } from "../util/count.ts";
import { sanitizeLine } from "../util/sanitize.ts";

// Sentences of the client's own about what has happened.

/** `lost`: how many messages nobody can bring back. */
export function reconnectedText(lost: number): string {
	const verb = lost === 1 ? "is" : "are";
	const gap = lost === 0 ? "You missed nothing" : `${count(lost, "message")} ${verb} lost for good`;
	return `Connected again. ${gap}.`;
}

type Unconfirmed = Extract<Incoming, { type: "unconfirmed" }>;

export const unconfirmedText = ({ name, count: lines }: Unconfirmed): string =>
	`${sanitizeLine(name)} left, and may not have received ${count(lines, "private message")} from you.`;

export const banlistText = (addresses: readonly string[]): string =>
	addresses.length === 0
		? "Nobody is banned."
		: [`${count(addresses.length, "banned account")}:`, ...addresses].join("\n");

/** We cannot know whether it is the one whom the user ignored. */
export const namesakeText = (name: string): string =>
	`${name} is here now. The one whom you ignored has left, and this may be somebody else. To ignore this one, too: /ignore ${name}`;
