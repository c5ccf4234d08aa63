import type { HostPort } from "../util/host-port.ts";

/** Where browsers find the page. */
export interface WebAddress {
	/** To be printed, with a slash at its end. */
	readonly url: string;
	/**
	 * The page's origin as the browser that sent this Host header sees it; null if the page has no
	 * such address. Another name that leads here is another site's: with it, its own page could read
	 * whatever it asked of a server on this machine (DNS rebinding).
	 */
	originFor(host: string): string | null;
}

/** Behind a reverse proxy, which browsers know by `origin`. */
export function proxiedAddress(origin: string): WebAddress {
	const { host } = new URL(origin);
	return {
		url: `${origin}/`,
		originFor: (given) => (given.toLowerCase() === host ? origin : null),
	};
}

const HTTPS_PORT = 443;
const HTTP_PORT = 80;

/**
 * Under each name that the certificate is for, and at any port: a router or a container may have
 * another one in front of ours. `host` is the one to print.
 */
export function certifiedAddress(
	{ host, port }: HostPort,
	certificate: { isFor(name: string): boolean },
): WebAddress {
	return addressOf("https", { host, port: port === HTTPS_PORT ? undefined : port }, (name) =>
		certificate.isFor(name),
	);
}

/** On this machine alone. */
export function loopbackAddress({ host, port }: HostPort): WebAddress {
	const names = new Set([host, "127.0.0.1", "localhost", "::1"]);
	const shown = port === HTTP_PORT ? undefined : port;
	return addressOf(
		"http",
		{ host, port: shown },
		(name, given) => names.has(name) && given === shown?.toString(),
	);
}

/** A Host header: a name or an address, and a port unless it is the scheme's own. */
const HOST = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/;

function addressOf(
	scheme: "http" | "https",
	{ host, port }: { readonly host: string; readonly port: number | undefined },
	isOwn: (name: string, port: string | undefined) => boolean,
): WebAddress {
	const bare = host.includes(":") ? `[${host}]` : host;
	const suffix = port === undefined ? "" : `:${port}`;
	return {
		url: `${scheme}://${bare}${suffix}/`,
		originFor(header) {
			const text = header.toLowerCase();
			const [, ipv6, name = ipv6, given] = HOST.exec(text) ?? [];
			return name !== undefined && isOwn(name, given) ? `${scheme}://${text}` : null;
		},
	};
}
