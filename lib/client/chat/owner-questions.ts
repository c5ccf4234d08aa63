import type { ClientMessage } from "../../wire/messages/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import type { Recipient, Visits } from "./visits.ts";

/** What to ask before an owner does what cannot be undone, or null if it can. */
export function ownerQuestion(message: ClientMessage, visits: Visits): string | null {
	switch (message.type) {
		case "kick":
			return `Remove ${shown(message.name, visits)} from the room? They can log in again.`;
		case "ban":
			return `Ban ${shown(message.who, visits)}? The account is removed, and kept out until you type /unban.`;
		case "close":
			return `Close the room for everybody? ${present(visits.names.length)}`;
		default:
			return null;
	}
}

const present = (members: number): string =>
	members === 1 ? "Only you are here." : `${members} people are here.`;

/** With the address, as far as the last roster has shown it. */
function shown(who: string, visits: Visits): string {
	const { name, address }: Partial<Recipient> = visits.find(who) ?? {};
	if (name === undefined) return sanitizeLine(who);
	return address === undefined ? name : `${name} (${sanitizeLine(address)})`;
}
