import { ProtocolError } from "../../util/errors.ts";
import type { ClientMessage } from "../../wire/messages.ts";
import type { Member } from "../room/member.ts";
import type { House } from "./context.ts";

/** Does what a member asks for. Throws ProtocolError for what a member has no business to ask. */
export function obey({ room, powers, cross }: House, member: Member, message: ClientMessage): void {
	switch (message.type) {
		case "say":
			if (!powers.isSilenced(member, message)) room.say(member, message);
			return;
		case "tell":
			if (!powers.isSilenced(member, message)) room.tell(member, message);
			return;
		case "ping":
			return member.tell({ type: "pong" });
		case "who":
			return room.who(member);
		case "leave":
			return cross(() => room.depart(member));
		case "login":
		case "resume":
		case "ask":
		case "mail":
			throw new ProtocolError("second_login", "this connection has logged in already");
		default:
			return powers.use(member, message);
	}
}
