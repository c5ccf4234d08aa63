/** The host and port that a server listens on. */
export interface HostPort {
	readonly host: string;
	readonly port: number;
}

/** Formats it as a person types it, with an IPv6 address in brackets. */
export const formatHostPort = ({ host, port }: HostPort): string =>
	`${host.includes(":") ? `[${host}]` : host}:${port}`;

/** An IPv4 address has numbers up to 255: `127.999.1.1` is a name, which a name server would resolve. */
const LOOPBACK = /^(localhost|127(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}|::1)$/i;

/** Whether a host names this machine, judged by its text alone. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Stands for the room that these servers have together, in whatever order the user gives them. */
export const roomKey = (servers: readonly HostPort[]): string =>
	servers.map(formatHostPort).sort().join();
