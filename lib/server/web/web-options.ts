import type { PageSource } from "../../web/page-source.ts";

/** How browsers get the page. */
export interface WebOptions {
	/** 0 lets the system choose. */
	readonly port: number;
	/** How browsers reach the page: by this server's certificate, through a proxy, or on this machine. */
	readonly access: "certificate" | "loopback" | { readonly origin: string };
	/** The proxy in front names the client's address. */
	readonly trustsProxy: boolean;
	/** The host in the link, unless the proxy's origin or the certificate says it. */
	readonly publicHost: string | undefined;
	/** Loaded on demand: most servers serve no page. */
	readonly loadPage: () => Promise<PageSource>;
}
