import { deviceField, emailField, nameField } from "../../wire/messages/fields.ts";
import {
	type Field,
	isObject,
	type MessagesOf,
	messageReader,
	optional,
	record,
	text,
	wholeNumber,
} from "../../wire/messages/schema.ts";
import type { Bell } from "../commands/command.ts";
import { type Fault, faultField } from "./fault.ts";

// What a client and the page in its window say to each other, as JSON in clear, over a WebSocket that
// is open for as long as the page is there. Each connection to the room has a WebSocket of its own.

/** Where the page is; its link has the secret behind it, as `#SECRET`. */
export const WINDOW_PATH = "/window";
export const CONTROL_PATH = "/control";
/** For one connection to the room, with the number of the attempt behind it, as `?NUMBER`. */
export const ROOM_PATH = "/room";

/** The code of a WebSocket that is closed because another page has the window. */
export const TAKEN = 4001;

/** The first message of such a WebSocket once the room's server is connected; else it is a fault. */
export const CONNECTED = "CONNECTED";

/** Begins a goodbye on its way to the room that is sent only if the page does not come back. */
export const PARTING = "PARTING ";

/** Characters of what a page leaves of its visit, as JSON. */
export const MAX_VISIT = 1024 * 1024;

/** What the terminal client keeps, too, as far as a page needs it. */
export const KEPT_FILES = ["login.json", "preferences.json", "ignored.json"] as const;
export type KeptFile = (typeof KEPT_FILES)[number];

const among = <T extends string | number>(values: readonly T[]): Field<T> => ({
	expected: `one of ${values.join(", ")}`,
	is: (value): value is T => values.some((each) => each === value),
});
const flag: Field<boolean> = {
	expected: "true or false",
	is: (value) => typeof value === "boolean",
};
const anyObject: Field<Record<string, unknown>> = { expected: "an object", is: isObject };

const PAGE_MESSAGES = {
	/** Find out whether the server is the right one. */
	verify: { id: wholeNumber },
	/** To `unknown_server`. */
	trust: { isTrusted: flag },
	/** Try the servers in turn. */
	try: { id: wholeNumber },
	/** How an attempt ended; without `fault` it succeeded. */
	tried: { number: wholeNumber, fault: optional(faultField) },
	/** That turn is no longer wanted. */
	stop: { id: wholeNumber },
	leave_current: {},
	/** Changes a file: these are its new values; null for one that is to go. */
	keep: { file: among(KEPT_FILES), changes: anyObject },
	/** Keeps what a page that is reloaded goes on with. */
	keep_visit: { visit: anyObject },
	forget_visit: {},
	/** The page is being closed or reloaded, and has not crashed. */
	going: {},
	load_device: { id: wholeNumber, email: emailField },
	save_device: { email: emailField, device: deviceField },
	forget_device: { email: emailField },
	/** The room has let the user in. */
	joined: { name: nameField },
	/** The visit is over. */
	over: {
		status: record({ code: among([0, 2, 3, 5] as const), reason: text(64), text: text(65536) }),
	},
};
export type PageMessage = MessagesOf<typeof PAGE_MESSAGES>;

/** Throws ProtocolError. */
export const readPageMessage: (value: unknown) => PageMessage = messageReader(PAGE_MESSAGES);

/** What a page has to know at its start. */
export interface WindowSetting {
	/** The room's servers, for the user. */
	readonly servers: string;
	/** The room, as `roomKey` names it. */
	readonly room: string;
	readonly files: Partial<Record<KeptFile, Record<string, unknown>>>;
	/** What the page before has left of its visit. */
	readonly visit?: Record<string, unknown> | undefined;
	/** What the flags give for the login form. */
	readonly name?: string | undefined;
	readonly email?: string | undefined;
	readonly remember: boolean;
	readonly bell?: Bell | undefined;
	/** Seconds. */
	readonly patience: number;
}

export type WindowMessage =
	| ({ readonly type: "begin" } & WindowSetting)
	/** Asks the user. */
	| { readonly type: "unknown_server"; readonly notice: string }
	/** The page tries what it wants to with the next server. `limit` is in milliseconds; null for none. */
	| { type: "attempt"; id: number; number: number; limit: number | null }
	/** Answers `try`. */
	| { type: "tried_all"; id: number; label: string | undefined; fault: Fault | undefined }
	/** Answers `verify`. */
	| { type: "verified"; id: number; isTrusted: boolean; fault: Fault | undefined }
	| { type: "device"; id: number; device: string | null }
	/** The program is told to end. */
	| { type: "leave" };
