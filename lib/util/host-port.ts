/** Where a server listens. */
export interface HostPort {
	readonly host: string;
	readonly port: number;
}

/** As a person types it, with an IPv6 address in brackets. */
export const formatHostPort = ({ host, port }: HostPort): string =>
	`${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Whether a host names this machine; nothing is looked up. */
export const isLoopback = (host: string): boolean =>
	/^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
