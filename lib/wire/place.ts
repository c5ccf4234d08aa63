/** Where a server is. */
export interface Place {
	readonly host: string;
	readonly port: number;
}

/** As a person types it: an IPv6 address in brackets. */
export const placeOf = ({ host, port }: Place): string =>
	`${host.includes(":") ? `[${host}]` : host}:${port}`;
