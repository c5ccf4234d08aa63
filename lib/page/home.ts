import type { ExitStatus } from "../client/chat/exit-status.ts";
import type { Bell } from "../client/commands/command.ts";
import type { LoginDefaults } from "../client/login/login-page.ts";
import type { DeviceMemory, Servers } from "../client/net/room-target.ts";
import type { JsonStore } from "../client/util/json-store.ts";
import type { Ending } from "./endings.ts";
import type { VisitStore } from "./storage/kept-visit.ts";

/** Where a page comes from: a room's server, or a client in whose window it is. */
export interface Home {
	readonly servers: Servers;
	/** The servers, for a user to whom the page's own address does not name them. */
	readonly place: string | undefined;
	readonly devices: DeviceMemory;
	/** Has this device remembered without asking the user. */
	readonly remember: boolean;
	/** What is kept from one visit to the next. */
	readonly store: JsonStore;
	/** What is kept of a visit for a page that is reloaded. */
	readonly visits: VisitStore;
	/** What the room is called in there. */
	readonly room: string;
	/** What the login form is given. */
	readonly defaults: LoginDefaults;
	readonly bell: Bell | undefined;
	/** Milliseconds for which to try to come back. */
	readonly patience: number;
	/** Aborted when the visit is to end, though its user has not left. */
	readonly signal: AbortSignal;
	/** Whether the user trusts the server. Throws ChatError. */
	verify(): Promise<boolean>;
	joined(name: string): void;
	/** How to show that a visit is over, and what is said of it. */
	over(status: ExitStatus): { readonly ending: Ending; readonly text: string };
}
