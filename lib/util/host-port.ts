import { isIPv4 } from "node:net";

/** The host and port that a server listens on. */
export interface HostPort {
	readonly host: string;
	readonly port: number;
}

/** Formats it as a person types it, with an IPv6 address in brackets. */
export const formatHostPort = ({ host, port }: HostPort): string =>
	`${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Whether a host names this machine, judged by its text alone. */
export const isLoopback = (host: string): boolean =>
	/^localhost$/i.test(host) || host === "::1" || (isIPv4(host) && host.startsWith("127."));
