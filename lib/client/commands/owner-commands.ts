import type { Command } from "./command.ts";

/** Commands that only an owner of the room may use. The server decides who is one, not we. */
export const OWNER_COMMANDS: readonly Command[] = [
	{
		name: "kick",
		target: "NAME",
		text: "[WHY]",
		help: "send somebody out, who may come back",
		run: (actions, { target: name, text }) =>
			actions.requestAsOwner({ type: "kick", name, why: text || undefined }),
	},
	{
		name: "ban",
		target: "NAME|ADDRESS",
		text: "[WHY]",
		help: "send an account out, or keep it out, for good",
		run: (actions, { target: who, text }) =>
			actions.requestAsOwner({ type: "ban", who, why: text || undefined }),
	},
	{
		name: "unban",
		text: "ADDRESS",
		help: "let an account in again",
		run: (actions, { text }) => actions.requestAsOwner({ type: "unban", address: text }),
	},
	{
		name: "mute",
		target: "NAME",
		help: "pass on nothing that somebody says",
		run: (actions, { target }) => actions.requestAsOwner({ type: "mute", name: target }),
	},
	{
		name: "unmute",
		target: "NAME|ADDRESS",
		help: "pass it on again, also of somebody who has left",
		run: (actions, { target }) => actions.requestAsOwner({ type: "unmute", who: target }),
	},
	{
		name: "banned",
		help: "who is banned",
		run: (actions) => actions.requestAsOwner({ type: "bans" }),
	},
	{
		name: "announce",
		text: "TEXT",
		help: "a line to all that stands out",
		run: (actions, { text }) => actions.requestAsOwner({ type: "announce", text }),
	},
	{
		name: "title",
		text: "TEXT",
		help: "what the room is called",
		run: (actions, { text }) => actions.requestAsOwner({ type: "title", title: text }),
	},
	{
		name: "close",
		help: "end the room, for everybody",
		// Closing cannot be undone, so we do it only if nothing follows the command.
		run: (actions, { text }) =>
			text === "" ? actions.requestAsOwner({ type: "close" }) : actions.problem("/close alone"),
	},
];
