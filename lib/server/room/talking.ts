import { reason } from "../../wire/errors/reason.ts";
import type { RoomEvent } from "../../wire/messages/events.ts";
import type { Say, Tell, Told } from "../../wire/messages/messages.ts";
import type { Member } from "./member.ts";
import type { RoomControls } from "./room-controls.ts";

/** Says a text to all, once: an id that this member has used already is no new text. */
export function say(room: RoomControls, member: Member, { id, text, me }: Say): void {
	if (isRefused(room, member, id)) return;
	member.ids.add(id);
	const said: RoomEvent = { type: "said", from: member.name, id, text };
	room.publish(me ? { ...said, me } : said);
}

/** Sends a private message, once, in the room's order: after all that was said before. */
export function tell(room: RoomControls, member: Member, { id, to, visit, text }: Tell): void {
	room.settle();
	const { members, history, stamp } = room.state;
	if (member.isGone || isRefused(room, member, id)) return;
	const reader = members.findVisit(to, visit);
	if (!reader) return member.send({ type: "refused", ...members.whyAbsent(to), id });
	member.ids.add(id);
	const told: Told = { type: "told", id, at: stamp.at, from: member.name, to: reader.name, text };
	const json = JSON.stringify(told);
	history.appendPrivate(json, member, reader);
	for (const participant of new Set([member, reader])) participant.hear(json);
}

/**
 * Refuses an id that was used, which an author whose echo got lost can take for the echo, and what a
 * muted member says. What it said before is in the room: it repeats that only for want of an echo.
 */
function isRefused({ state }: RoomControls, member: Member, id: string): boolean {
	const isMuted = state.mutes.has(member.account);
	const code = member.ids.has(id) ? "already_said" : isMuted ? "muted" : null;
	if (code !== null) member.send({ type: "refused", ...reason(code), id });
	return code !== null;
}
