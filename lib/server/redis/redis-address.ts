import { formatHostPort } from "../../util/host-port.ts";

/** Where a Redis or Valkey server is, and how to log in there. */
export interface RedisAddress {
	readonly host: string;
	readonly port: number;
	readonly database: number;
	/** Over TLS, with a certificate that the system's authorities vouch for. */
	readonly tls: boolean;
	/** Empty for Redis' own user. */
	readonly user: string;
	/** Empty for none. */
	readonly password: string;
}

const REDIS_PORT = 6379;

/** Whether a text means a server, rightly or wrongly spelt, and not the path of a file: it may hold a password. */
export const looksLikeUrl = (text: string): boolean =>
	/^\W*\w[\w+.-]*:\/\//.test(text) ||
	/^[\s"'<]*(redis|valkey)s?[\\/]*([:;]|\/\/)/i.test(text) ||
	(/:.*@/.test(text) && !/^(\.{0,2}|~)\/(?!\/)/.test(text));

/** Reads `redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB]`. Returns null for anything else. */
export function parseRedisUrl(text: string): RedisAddress | null {
	const url = URL.parse(text);
	const tls = url?.protocol === "rediss:";
	if (!url || (!tls && url.protocol !== "redis:")) return null;
	const [, database = "0"] = /^\/(\d{1,5})$/.exec(url.pathname) ?? [];
	const isWhole = ["", "/"].includes(url.pathname) || `/${database}` === url.pathname;
	if (url.hostname === "" || !isWhole || url.search !== "" || url.hash !== "") return null;
	try {
		return {
			// Without the brackets of IPv6.
			host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
			port: url.port === "" ? REDIS_PORT : Number(url.port),
			...{ database: Number(database), tls },
			user: decodeURIComponent(url.username),
			password: decodeURIComponent(url.password),
		};
	} catch {
		return null;
	}
}

/** For people: without user and password. */
export const formatRedisUrl = ({ host, port, database, tls }: RedisAddress): string =>
	`redis${tls ? "s" : ""}://${formatHostPort({ host, port })}${database === 0 ? "" : `/${database}`}`;
