import type { ErrorCode } from "../../wire/errors/error-codes.ts";
import { type Admission, join, LoginDenied } from "../net/join.ts";
import type { RoomTarget } from "../net/room-target.ts";

/** The server has forgotten the device. */
const FORGOTTEN: readonly string[] = ["device_unknown", "device_reused"] satisfies ErrorCode[];
/** It cannot log in that way for now, or the server is older than remembered devices. */
const UNUSABLE: readonly string[] = ["method_not_accepted", "bad_field"] satisfies ErrorCode[];

/** The server takes no login from this device; another proof may do. */
export class DeviceRefused extends LoginDenied {}

/**
 * Logs in with what this device remembers; null if that is nothing. Throws DeviceRefused, and as `join`
 * does.
 */
export async function joinAsDevice(
	target: RoomTarget,
	{ name, email }: { name: string; email: string },
	signal?: AbortSignal,
): Promise<Admission | null> {
	const { devices } = target;
	const device = (await devices?.load(email)) ?? null;
	if (!devices || device === null) return null;
	try {
		const admission = await join(target, { name, email, device }, signal);
		devices.save(email, admission.welcome.device);
		return admission;
	} catch (error) {
		if (!(error instanceof LoginDenied)) throw error;
		const isForgotten = FORGOTTEN.includes(error.code);
		// Another client of ours may have logged in with it meanwhile, and saved another.
		if (isForgotten && (await devices.load(email)) === device) devices.forget(email);
		if (isForgotten || UNUSABLE.includes(error.code)) throw new DeviceRefused(error.reason);
		throw error;
	}
}
