import type { OwnerMessage } from "../../wire/messages.ts";
import type { Actions, Command } from "./command.ts";

/** What only an owner of the room can do. The server decides who is one, not we. */
export const OWNER_COMMANDS: readonly Command[] = [
	{
		name: "kick",
		usage: "NAME [WHY]",
		help: "send somebody out, who may come back",
		run: (room, rest) => about(room, rest, (name, why) => ({ type: "kick", name, why })),
	},
	{
		name: "ban",
		usage: "NAME|ADDRESS [WHY]",
		help: "send an account out, or keep it out, for good",
		run: (room, rest) => about(room, rest, (who, why) => ({ type: "ban", who, why })),
	},
	{
		name: "unban",
		usage: "ADDRESS",
		help: "let an account in again",
		run: (room, rest) => room.requestAsOwner({ type: "unban", address: rest }),
	},
	{
		name: "mute",
		usage: "NAME",
		help: "pass on nothing that somebody says",
		run: (room, rest) => room.requestAsOwner({ type: "mute", name: rest.replace(/^@/, "") }),
	},
	{
		name: "unmute",
		usage: "NAME|ADDRESS",
		help: "pass it on again, also of somebody who has left",
		run: (room, rest) => room.requestAsOwner({ type: "unmute", who: rest.replace(/^@/, "") }),
	},
	{
		name: "banned",
		usage: "",
		help: "who is banned",
		run: (room) => room.requestAsOwner({ type: "bans" }),
	},
	{
		name: "announce",
		usage: "TEXT",
		help: "a line to all that stands out",
		run: (room, rest) => room.requestAsOwner({ type: "announce", text: rest }),
	},
	{
		name: "title",
		usage: "TEXT",
		help: "what the room is called",
		run: (room, rest) => room.requestAsOwner({ type: "title", title: rest }),
	},
	{
		name: "close",
		usage: "",
		help: "end the room, for everybody",
		// There is no way back from it, so it has to be all that was typed.
		run: (room, rest) =>
			rest === "" ? room.requestAsOwner({ type: "close" }) : room.problem("/close alone"),
	},
];

/** A request about the person that a line begins with; what follows is the reason. */
function about(
	room: Actions,
	rest: string,
	request: (who: string, why: string | undefined) => OwnerMessage,
): void {
	const [, who = "", why] = /^@?(\S+)(?:\s+([\s\S]+))?$/.exec(rest) ?? [];
	room.requestAsOwner(request(who, why));
}
