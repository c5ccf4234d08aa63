import { BELLS } from "../client/commands/command.ts";
import { emailField, loginNameField } from "../wire/messages/fields.ts";
import { type Flags, sharedFlags, toggle } from "./flags.ts";
import { integer, oneOf, valid } from "./parsers.ts";

// The flags of `bun client.ts`.

export const clientFlags = {
	name: { placeholder: "NAME", help: "your name in the room", parse: valid(loginNameField) },
	email: { placeholder: "ADDRESS", help: "your mail address", parse: valid(emailField) },
	token: {
		...toggle("log in with the OAuth 2 access token in FERNET_CHAT_TOKEN"),
		hasNoVariable: true,
	},
	remember: toggle("have the server remember this device, and log in without a password then"),
	bell: {
		placeholder: BELLS.join("|"),
		default: "mention",
		help: "when to ring the terminal bell; without it, what /bell chose last",
		parse: oneOf(BELLS),
	},
	patience: {
		placeholder: "N",
		default: "600",
		help: "seconds for which to try to come back after a break or a stop of the server; 0: not at all",
		parse: integer(0, 604_800),
	},
	noHistory: toggle("save nothing of what you type for the next run"),
	window: toggle("open the room in a window of its own, in a browser that is installed here"),
	plain: toggle("plain lines in and out, without colours or control sequences"),
	json: toggle(
		"for bots: one JSON object per line, no prompts; the password is in FERNET_CHAT_PASSWORD",
	),
	...sharedFlags,
} satisfies Flags;
