import { aborted } from "../util/abort.ts";
import { dial } from "./dial.ts";
import type { ServerTarget } from "./endpoint.ts";
import { UnknownServer } from "./known-servers.ts";

/** Asks the user whether a server is the right one. */
export type ConfirmFingerprint = (unknown: UnknownServer) => Promise<boolean>;

/**
 * Finds out whether this is the right server, before the user is asked for anything else. Where
 * nobody vouches for the server, the user decides, once. False if the user does not trust it, or
 * the program is told to end. Throws as `dial` does.
 */
export async function verifyServer(
	target: ServerTarget,
	confirm: ConfirmFingerprint,
	signal: AbortSignal,
): Promise<boolean> {
	const { endpoint, keys, knownServers } = target;
	if (keys) return true;
	try {
		const socket = await Promise.race([dial(target), aborted(signal)]);
		socket?.terminate();
		return socket !== null;
	} catch (error) {
		if (!(error instanceof UnknownServer)) throw error;
		const isTrusted = await Promise.race([confirm(error), aborted(signal)]);
		if (isTrusted) knownServers.remember(endpoint, error.fingerprint);
		return isTrusted === true;
	}
}
