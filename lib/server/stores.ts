import type { BanList } from "./accounts/ban-list.ts";
import type { SharedBans } from "./accounts/shared-bans.ts";
import type { LoginStore } from "./auth/login-store.ts";
import type { DeviceStore } from "./devices/device-store.ts";

/** What is known of accounts, whatever room there is: on this server, or on all servers of a room. */
export interface Stores extends Disposable {
	/** This server's file. */
	readonly bans: BanList;
	/** Keeps the bans alike in all servers; undefined if there is one. */
	readonly sharedBans?: SharedBans | undefined;
	/** Null if no device is remembered. */
	readonly devices: DeviceStore | null;
	readonly logins: LoginStore;
}
