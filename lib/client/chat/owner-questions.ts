import type { ClientMessage } from "../../wire/messages/messages.ts";
import { sanitizeLine } from "../util/sanitize.ts";
import type { Recipient, Visits } from "./visits.ts";

/**
 * What to ask before an owner does what cannot be undone, or null if it can. Nothing is asked about a
 * visit that is over, for the server refuses the request: another may have the name by now.
 */
export function ownerQuestion(message: ClientMessage, visits: Visits): string | null {
	const about = subjectOf(message);
	if (about && !visits.has(about)) return null;
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

/** The member whom a request is about, if it is about one. */
export function subjectOf(message: ClientMessage): Recipient | undefined {
	if (!("visit" in message) || message.visit === undefined) return undefined;
	const { type, visit } = message;
	const name = type === "tell" ? message.to : "name" in message ? message.name : message.who;
	return { name, visit };
}

const present = (members: number): string =>
	members === 1 ? "Only you are here." : `${members} people are here.`;

/** With the address, as far as the last roster has shown it. */
function shown(who: string, visits: Visits): string {
	const { name, address }: Partial<Recipient> = visits.find(who) ?? {};
	if (name === undefined) return sanitizeLine(who);
	return address === undefined ? name : `${name} (${sanitizeLine(address)})`;
}
