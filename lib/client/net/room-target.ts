import type { ServerTarget } from "./link.ts";
import type { RememberedDevices } from "./remembered-devices.ts";

/** The servers of one room. */
export interface Servers {
	/** The name of the current one, for a user who gave several. */
	readonly label: string | undefined;
	/** The current server is going away, so another is to be tried first. */
	leaveCurrent(): void;
	/**
	 * Runs `attempt` with one server after the other, until it succeeds or `signal` aborts. Throws what
	 * `attempt` threw.
	 */
	tryInTurn<T>(attempt: (server: ServerTarget) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** What this device can log in with, by address. A page has to ask its client for it. */
export interface DeviceMemory
	extends Pick<RememberedDevices, "isDeclined" | "save" | "decline" | "forget"> {
	load(email: string): string | null | Promise<string | null>;
}

/** Which room to join, and what is needed to do so. */
export interface RoomTarget {
	readonly servers: Servers;
	/** What this device can log in with; undefined if it is not to be remembered. */
	readonly devices?: DeviceMemory | undefined;
}
