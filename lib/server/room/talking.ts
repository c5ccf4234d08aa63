import { reason } from "../../wire/errors/reason.ts";
import type { RoomEvent } from "../../wire/messages/events.ts";
import type { OwnerMessage, Say, Tell, Told } from "../../wire/messages/messages.ts";
import type { Member } from "../room-state/member.ts";
import type { OwnerRequests, RoomControls } from "./room-controls.ts";

/** Does what a member wants to say, tell or, as an owner, do. */
export function carryOut(
	room: RoomControls,
	moderation: OwnerRequests,
	member: Member,
	message: Say | Tell | OwnerMessage,
): void {
	switch (message.type) {
		case "say":
			return say(room, member, message);
		case "tell":
			return tell(room, member, message);
		default:
			return moderation.handle(room, member, message);
	}
}

/** Says a text to all, once: an id that this member has used already is no new text. */
function say(room: RoomControls, member: Member, { id, text, me }: Say): void {
	if (isMuted(room, member, id)) return;
	if (!member.ids.add(id)) return refuse(member, id, "already_said");
	const said: RoomEvent = { type: "said", from: member.name, id, text };
	room.publish(me ? { ...said, me } : said);
}

/** Sends a private message, once, in the room's order: after all that was said before. */
function tell(room: RoomControls, member: Member, { id, to, visit, text }: Tell): void {
	room.settle();
	const { members, history, stamp } = room.state;
	if (member.isGone || isMuted(room, member, id)) return;
	if (member.ids.has(id)) return refuse(member, id, "already_said");
	const reader = members.findVisit(to, visit);
	if (!reader) return member.send({ type: "refused", ...members.whyAbsent(to), id });
	member.ids.add(id);
	const told: Told = { type: "told", id, at: stamp.at, from: member.name, to: reader.name, text };
	const json = JSON.stringify(told);
	history.appendPrivate(json, member, reader);
	for (const participant of new Set([member, reader])) participant.hear(json);
}

/**
 * Refuses what a muted member says, unless it was said before and is in the room: the member repeats
 * it only for want of an echo.
 */
function isMuted({ state }: RoomControls, member: Member, id: string): boolean {
	if (!state.mutes.has(member.account) || member.ids.has(id)) return false;
	refuse(member, id, "muted");
	return true;
}

/** An author whose echo got lost can take `already_said` for the echo. */
function refuse(member: Member, id: string, code: "already_said" | "muted"): void {
	member.send({ type: "refused", ...reason(code), id });
}
