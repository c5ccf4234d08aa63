import type { RunOptions } from "../server/run.ts";
import { isLoopback } from "../util/host-port.ts";
import type { Parsed } from "./flags.ts";
import { UsageError } from "./parsers.ts";
import type { serverFlags } from "./server-flags.ts";

/** How browsers get the page, if they do. Throws UsageError for what no browser would take. */
export function webOptions(
	{ values, sources }: Parsed<typeof serverFlags>,
	endpoints: RunOptions["public"],
): RunOptions["web"] {
	const { web: port, webOrigin: origin, trustProxy: trustsProxy } = values;
	if (port === undefined) {
		if (origin !== undefined) throw new UsageError(`${sources.webOrigin} needs --web beside it.`);
		if (trustsProxy) throw new UsageError(`${sources.trustProxy} needs --web beside it.`);
		return null;
	}
	if (trustsProxy && origin === undefined) {
		throw new UsageError(
			`${sources.trustProxy} needs --web-origin: the page's address at the proxy.`,
		);
	}
	if (port !== 0 && port === values.port) {
		throw new UsageError(`${sources.web} must be another port than --port, which is ${port} too.`);
	}
	const publicHost = endpoints?.[0]?.host;
	return { port, access: accessOf(values, sources.web), trustsProxy, publicHost };
}

type Access = NonNullable<RunOptions["web"]>["access"];

function accessOf(
	{ webOrigin, tlsCert, host, tls }: Parsed<typeof serverFlags>["values"],
	source: string | undefined,
): Access {
	if (webOrigin !== undefined) return { origin: webOrigin };
	if (tlsCert !== undefined) return "certificate";
	if (isLoopback(host)) return "loopback";
	const own = tls ? " that of --tls is one that browsers do not trust," : "";
	throw new UsageError(
		`${source} with --host ${host} needs a certificate that browsers trust:${own} so give yours with --tls-cert and --tls-key, or put a reverse proxy in front and name it with --web-origin. For this machine alone, leave out --host.`,
	);
}
