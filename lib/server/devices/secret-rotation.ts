import type { LoginMethod } from "../../wire/messages/login-methods.ts";
import type { Device } from "./device-file.ts";
import { deviceId, newSecret, nextSecret, secretHash } from "./device-secret.ts";

// How a device's secrets follow each other, wherever the device is kept.

/** Beyond it, an account's device that was used longest ago is forgotten. */
export const MAX_DEVICES_PER_ACCOUNT = 10;
/** Secrets of one device that are good at once: the one used last, and the newest given since. */
const MAX_SECRETS = 4;

/** A device that is remembered from now on. `now` is in milliseconds since 1970. */
export function createDevice(
	account: string,
	method: LoginMethod,
	now: number,
): { device: Device; secret: string } {
	const secret = newSecret();
	const id = deviceId(secret);
	const device = { id, account, method, secrets: [secretHash(secret)], madeAt: now, usedAt: now };
	return { device, secret };
}

/** Whether a device can log in with a secret. If it is for this device, it was superseded otherwise. */
export const isGood = ({ secrets }: Device, secret: string): boolean =>
	secrets.includes(secretHash(secret));

/** The device once a secret was used, and its next secret. Null if a newer one was used meanwhile. */
export function rotateSecret(
	device: Device,
	secret: string,
	now: number,
): { device: Device; next: string } | null {
	const next = nextSecret(secret);
	const used = secretHash(secret);
	if (!device.secrets.includes(used)) return null;
	// Several given at once may be one file's, written by two clients: any of them may be what stays.
	const given = device.secrets[0] === used ? device.secrets.slice(1) : [];
	const secrets = [used, ...given.slice(2 - MAX_SECRETS), secretHash(next)];
	return { device: { ...device, secrets, usedAt: now }, next };
}
