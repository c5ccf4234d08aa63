import { aborted } from "../util/abort.ts";
import { dial } from "./dial.ts";
import { UnknownServer } from "./known-servers.ts";
import { Unreachable } from "./link-errors.ts";
import type { AddressTarget, ServerList } from "./server-list.ts";

/** Asks the user whether a server is the right one. */
export type ConfirmFingerprint = (unknown: UnknownServer) => Promise<boolean>;

/**
 * Finds out whether this is the right server, before the user is asked for anything else. Where
 * nobody vouches for the server, the user decides, once: then about all servers of the room, because
 * nobody can be asked in the middle of a visit. False if the user does not trust one, or the program
 * is told to end. Throws as `dial` does.
 */
export async function verifyServer(
	servers: ServerList,
	confirm: ConfirmFingerprint,
	signal: AbortSignal,
): Promise<boolean> {
	let isAsked = false;
	const verify = async (server: AddressTarget): Promise<boolean> => {
		if (server.keys) return true;
		try {
			const socket = await dial(server);
			socket.terminate();
			return true;
		} catch (error) {
			if (!(error instanceof UnknownServer)) throw error;
			isAsked = true;
			const isTrusted = await confirm(error);
			if (isTrusted) server.knownServers.remember(server.endpoint, [error.fingerprint]);
			return isTrusted;
		}
	};
	const end = aborted(signal);
	const isTrusted = await Promise.race([servers.tryInTurn(verify, signal), end]);
	if (!isTrusted || !isAsked) return isTrusted === true;
	for (const other of servers.others) {
		const verified = other.tryInTurn(verify, signal).catch(trueIfUnreachable);
		if (!(await Promise.race([verified, end]))) return false;
	}
	return true;
}

function trueIfUnreachable(error: unknown): true {
	if (error instanceof Unreachable) return true;
	throw error;
}
