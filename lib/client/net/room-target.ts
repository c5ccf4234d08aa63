import type { RememberedDevices } from "./remembered-devices.ts";
import type { ServerList } from "./server-list.ts";

/** Which room to join, and what is needed to do so. */
export interface RoomTarget {
	readonly servers: ServerList;
	/** What this device can log in with; undefined if it is not to be remembered. */
	readonly devices?: RememberedDevices | undefined;
}
