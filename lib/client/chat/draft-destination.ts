import { systemClocks } from "../../util/clock.ts";
import { destination } from "../commands/destination.ts";
import { shownTime } from "../util/shown-time.ts";
import type { Conversation } from "./conversation.ts";

type Room = Pick<Conversation, "recipients" | "visits">;

interface DraftDestination {
	readonly isPrivate: boolean;
	/** The recipients, as the prompt shows them: `to all`, `to bob only`. */
	readonly label: string;
	/** Why the only recipient may not read it at once; begins with a comma, or is "". */
	readonly absence: string;
}

/** Where the line being typed goes, as its author reads it before sending it. */
export function draftDestination(typed: string, room: Room, isOnline: boolean): DraftDestination {
	const { isPrivate, label, reader } = destination(typed, room.recipients.replyTo?.name ?? null);
	return {
		isPrivate,
		label: isOnline ? label : `offline, ${label}`,
		absence: reader === undefined ? "" : absenceOf(reader, room),
	};
}

function absenceOf(reader: string, { recipients, visits }: Room): string {
	const member = recipients.find(reader);
	if (!member || !visits.has(member)) return ", who is not here";
	const since = visits.awaySince(member);
	return since === undefined ? "" : `, away since ${shownTime(since, systemClocks.wallNow())}`;
}
