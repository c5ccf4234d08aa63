import type { Command } from "./command.ts";

/** Commands that only an owner of the room may use. The server decides who is one, not we. */
export const OWNER_COMMANDS: readonly Command[] = [
	{
		name: "kick",
		target: "NAME",
		text: "[WHY]",
		help: "remove somebody, who can log in again",
		run: (actions, { target: name, text }) =>
			actions.requestAsOwner({ type: "kick", name, reason: text || undefined }),
	},
	{
		name: "ban",
		target: "NAME|ADDRESS",
		text: "[WHY]",
		help: "remove an account and keep it out",
		run: (actions, { target: who, text }) =>
			actions.requestAsOwner({ type: "ban", who, reason: text || undefined }),
	},
	{
		name: "unban",
		text: "ADDRESS",
		help: "let a banned account in again",
		run: (actions, { text }) => actions.requestAsOwner({ type: "unban", address: text }),
	},
	{
		name: "mute",
		target: "NAME",
		help: "silence somebody",
		run: (actions, { target }) => actions.requestAsOwner({ type: "mute", name: target }),
	},
	{
		name: "unmute",
		target: "NAME|ADDRESS",
		help: "let somebody speak again, even if they have left",
		run: (actions, { target }) => actions.requestAsOwner({ type: "unmute", who: target }),
	},
	{
		name: "banned",
		help: "list the banned accounts",
		run: (actions) => actions.requestAsOwner({ type: "bans" }),
	},
	{
		name: "announce",
		text: "TEXT",
		help: "send everybody a line that stands out",
		run: (actions, { text }) => actions.requestAsOwner({ type: "announce", text }),
	},
	{
		name: "title",
		text: "TEXT",
		help: "change the room's title",
		run: (actions, { text }) => actions.requestAsOwner({ type: "title", title: text }),
	},
	{
		name: "close",
		help: "close the room for everybody",
		run: (actions) => actions.requestAsOwner({ type: "close" }),
	},
];
