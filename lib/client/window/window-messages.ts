import type { Bell } from "../commands/command.ts";
import type { Fault } from "./fault.ts";

// What a client and the page in its window say to each other, as JSON in clear, over a WebSocket that
// is open for as long as the page is there. Each connection to the room has a WebSocket of its own.
// What the page says is in page-messages.ts, of which a browser needs the types alone.

/** Where the page is; its link has the secret behind it, as `#SECRET`. */
export const WINDOW_PATH = "/window";
export const CONTROL_PATH = "/control";
/** For one connection to the room, with the number of the attempt behind it, as `?NUMBER`. */
export const ROOM_PATH = "/room";

/** The code of a WebSocket that is closed because another page has the window. */
export const TAKEN = 4001;
/** That of one to a room which has sent a line that is too long (RFC 6455, 7.4.1). */
export const TOO_LONG = 1009;

/** The first message of such a WebSocket once the room's server is connected; else it is a fault. */
export const CONNECTED = "CONNECTED";

/** Begins a goodbye on its way to the room that is sent only if the page does not come back. */
export const PARTING = "PARTING ";

/** Characters of what a page leaves of its visit, as JSON. */
export const MAX_VISIT = 5 * 1024 * 1024;

/** What the terminal client keeps, too, as far as a page needs it. */
export const KEPT_FILES = ["login.json", "preferences.json", "ignored.json"] as const;
export type KeptFile = (typeof KEPT_FILES)[number];

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
