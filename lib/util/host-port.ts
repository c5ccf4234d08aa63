/** Where a server is. */
export interface Place {
	readonly host: string;
	readonly port: number;
}

/** As a person types it: an IPv6 address in brackets. */
export const placeOf = ({ host, port }: Place): string =>
	`${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Whether a host is this machine by its very spelling. */
export const isThisMachine = (host: string): boolean =>
	/^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);
