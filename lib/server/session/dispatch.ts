import type { ClientMessage } from "../../wire/messages.ts";
import { ProtocolError, reason } from "../../wire/reason.ts";
import type { Member } from "../room/member.ts";
import type { ServerContext } from "./context.ts";

/** Carries out a member's request. Throws ProtocolError for one that a member must not make. */
export function dispatch(
	{ room, moderation, joins }: ServerContext,
	member: Member,
	message: ClientMessage,
): void {
	switch (message.type) {
		case "say":
			if (!moderation.rejectIfMuted(member, message)) room.say(member, message);
			return;
		case "tell":
			if (!moderation.rejectIfMuted(member, message)) room.tell(member, message);
			return;
		case "ping":
			return member.send({ type: "pong" });
		case "who":
			return room.requestRoster(member);
		case "leave":
			return joins.schedule(() => room.leave(member));
		case "login":
		case "resume":
		case "ask":
		case "mail":
			throw new ProtocolError(reason("already_logged_in"));
		default:
			return moderation.handle(member, message);
	}
}
