import type { LoginMethod } from "../../wire/messages/login-methods.ts";
import type { Device } from "./device-file.ts";

/** What a login with a device leads to: its next secret, unless that could not be saved. */
export interface DeviceGrant {
	readonly id: string;
	readonly secret: string | undefined;
}

/**
 * The devices that need no other proof: in a file of this server, or where all servers of a room see
 * them. There, all but `remember` throw StoreUnavailable.
 */
export interface DeviceStore {
	/**
	 * The device that a secret is for. "reused" for a secret that was superseded: it has been copied,
	 * nobody can tell which of the two is the thief, and the device is forgotten.
	 */
	judge(
		account: string,
		secret: string,
	): Device | "unknown" | "reused" | Promise<Device | "unknown" | "reused">;
	/** Remembers a device of an account that was proved; undefined if it cannot be saved. */
	remember(account: string, method: LoginMethod): Promise<DeviceGrant | undefined>;
	/**
	 * Call when a device has logged in with a secret that `judge` found good. Gives it the next one only
	 * once that is saved; until the next one is used, this one stays good. "overtaken" if another server
	 * was asked the same meanwhile.
	 */
	renew(device: Device, secret: string): Promise<DeviceGrant | "overtaken">;
	/** The account's devices, the one that was used longest ago first. */
	of(account: string): readonly Device[] | Promise<readonly Device[]>;
	/** Forgets devices at once; resolves to whether that is saved. It holds anyway. */
	forget(devices: readonly Device[]): Promise<boolean>;
}
