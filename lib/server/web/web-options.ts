import type { PageSource } from "./page-source.ts";

/** How browsers get the page. */
export interface WebOptions {
	/** 0 lets the system choose. */
	readonly port: number;
	/** Who browsers think they talk to: this server by its certificate, a proxy, or this machine alone. */
	readonly access: "certificate" | "loopback" | { readonly origin: string };
	/** The proxy in front says who the client is. */
	readonly trustsProxy: boolean;
	/** The host in the link, unless the proxy's origin or the certificate says it. */
	readonly publicHost: string | undefined;
	/** Loaded on demand: most servers serve no page. */
	readonly loadPage: () => Promise<PageSource>;
}
