import { aborted } from "./abort.ts";
import { dial } from "./dial.ts";
import type { LoginPage } from "./login.ts";
import { isRemote, type Route } from "./route.ts";
import { UnknownServer } from "./trust.ts";

/**
 * Before anything is asked of a person: is this the right server? Where nobody else can say, they
 * decide, once. False when they do not trust it. Throws as `dial` does.
 */
export async function meet(
	route: Route,
	page: Pick<LoginPage, "trusts">,
	signal: AbortSignal,
): Promise<boolean> {
	if (!isRemote(route.address)) return true;
	try {
		const socket = await Promise.race([dial(route), aborted(signal)]);
		socket?.terminate();
		return socket !== null;
	} catch (error) {
		if (!(error instanceof UnknownServer)) throw error;
		const isTrusted = await Promise.race([page.trusts(error.fingerprint), aborted(signal)]);
		if (isTrusted) route.trust.remember(route.address, error.fingerprint);
		return isTrusted === true;
	}
}
