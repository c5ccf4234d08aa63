import type { Command } from "./command.ts";

/** What only an owner of the room can do. The server decides who is one, not we. */
export const OWNER_COMMANDS: readonly Command[] = [
	{
		name: "kick",
		target: "NAME",
		text: "[WHY]",
		help: "send somebody out, who may come back",
		run: (room, { target: name, text }) =>
			room.requestAsOwner({ type: "kick", name, why: text || undefined }),
	},
	{
		name: "ban",
		target: "NAME|ADDRESS",
		text: "[WHY]",
		help: "send an account out, or keep it out, for good",
		run: (room, { target: who, text }) =>
			room.requestAsOwner({ type: "ban", who, why: text || undefined }),
	},
	{
		name: "unban",
		text: "ADDRESS",
		help: "let an account in again",
		run: (room, { text }) => room.requestAsOwner({ type: "unban", address: text }),
	},
	{
		name: "mute",
		target: "NAME",
		help: "pass on nothing that somebody says",
		run: (room, { target }) => room.requestAsOwner({ type: "mute", name: target }),
	},
	{
		name: "unmute",
		target: "NAME|ADDRESS",
		help: "pass it on again, also of somebody who has left",
		run: (room, { target }) => room.requestAsOwner({ type: "unmute", who: target }),
	},
	{
		name: "banned",
		help: "who is banned",
		run: (room) => room.requestAsOwner({ type: "bans" }),
	},
	{
		name: "announce",
		text: "TEXT",
		help: "a line to all that stands out",
		run: (room, { text }) => room.requestAsOwner({ type: "announce", text }),
	},
	{
		name: "title",
		text: "TEXT",
		help: "what the room is called",
		run: (room, { text }) => room.requestAsOwner({ type: "title", title: text }),
	},
	{
		name: "close",
		help: "end the room, for everybody",
		// There is no way back from it, so it has to be all that was typed.
		run: (room, { text }) =>
			text === "" ? room.requestAsOwner({ type: "close" }) : room.problem("/close alone"),
	},
];
