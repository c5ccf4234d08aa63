import type { Place } from "../../util/host-port.ts";
import { aborted } from "../util/abort.ts";
import { dial } from "./dial.ts";
import type { Route } from "./endpoint.ts";
import { type Fingerprint, UnknownServer } from "./known-servers.ts";

/** Whether the server with this certificate is the right one, for all that the person knows. */
export type Vouch = (place: Place, fingerprint: Fingerprint) => Promise<boolean>;

/**
 * Before anything is asked of a person: is this the right server? Where nobody else can say, they
 * decide, once. False when they do not trust it. Throws as `dial` does.
 */
export async function meet(route: Route, vouch: Vouch, signal: AbortSignal): Promise<boolean> {
	const { address, keys, trust } = route;
	if (keys) return true;
	try {
		const socket = await Promise.race([dial(route), aborted(signal)]);
		socket?.terminate();
		return socket !== null;
	} catch (error) {
		if (!(error instanceof UnknownServer)) throw error;
		const { fingerprint } = error;
		const isTrusted = await Promise.race([vouch(address, fingerprint), aborted(signal)]);
		if (isTrusted) trust.remember(address, fingerprint);
		return isTrusted === true;
	}
}
