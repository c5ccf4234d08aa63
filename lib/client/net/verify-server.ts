import type { HostPort } from "../../util/host-port.ts";
import { aborted } from "../util/abort.ts";
import { dial } from "./dial.ts";
import type { ServerTarget } from "./endpoint.ts";
import { type Fingerprint, UnknownServer } from "./known-servers.ts";

/** Whether the server with this certificate is the right one, for all that the person knows. */
export type ConfirmFingerprint = (server: HostPort, fingerprint: Fingerprint) => Promise<boolean>;

/**
 * Before anything is asked of a person: is this the right server? Where nobody else can say, they
 * decide, once. False when they do not trust it. Throws as `dial` does.
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
		const { fingerprint } = error;
		const isTrusted = await Promise.race([confirm(endpoint, fingerprint), aborted(signal)]);
		if (isTrusted) knownServers.remember(endpoint, fingerprint);
		return isTrusted === true;
	}
}
