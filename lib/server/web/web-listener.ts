import type { Clocks } from "../../util/clock.ts";
import type { HostPort } from "../../util/host-port.ts";
import { isFromOtherSite, notForOthers } from "../../web/other-sites.ts";
import { readPage } from "../../web/page-files.ts";
import type { Request } from "../../web/request.ts";
import { type Response, sentence } from "../../web/response.ts";
import { Site } from "../../web/site.ts";
import {
	certifiedAddress,
	loopbackAddress,
	proxiedAddress,
	type WebAddress,
} from "../../web/web-address.ts";
import { canonicalIp, networkOf } from "../limits/ip-address.ts";
import type { Limits } from "../limits/limits.ts";
import type { Connection, ConnectionOrigin } from "../net/connection.ts";
import { ConnectionTable } from "../net/connection-table.ts";
import { type Listener, listen, type ServerSocket } from "../net/listener.ts";
import type { Certificate } from "../tls/certificate.ts";
import { forwardedIp } from "./client-ip.ts";
import { HttpConnection, type Upgrade } from "./http-connection.ts";
import { RequestLimiter } from "./request-limiter.ts";
import { acceptUpgrade } from "./upgrade.ts";
import type { WebOptions } from "./web-options.ts";
import { FrameEncoder, WebSocketFraming } from "./websocket-framing.ts";

/** The one path that is no file. */
const SOCKET = "/socket";

interface WebListenerOptions extends Pick<Clocks, "now"> {
	readonly host: string;
	readonly web: WebOptions;
	readonly certificate: Certificate | undefined;
	readonly limits: Limits;
}

interface WebListenerHandlers {
	/** A socket was accepted; returns whether the server still wants any. */
	readonly onAccept: () => boolean;
	/** Returns undefined if there is no room for another connection. */
	readonly onConnect: (
		socket: HttpConnection["socket"],
		from: ConnectionOrigin,
	) => Connection | undefined;
	readonly onClose: (connection: Connection) => void;
	readonly onError: (error: Error, ip: string | undefined) => void;
}

/** The port for browsers: it serves the page, and takes the page's WebSockets for connections. */
export class WebListener {
	readonly #options: WebListenerOptions;
	readonly #handlers: WebListenerHandlers;
	readonly #site: Site;
	/** Browsers that have no connection to the room. */
	readonly #browsers: ConnectionTable<HttpConnection>;
	readonly #requests: RequestLimiter;
	readonly #encoder = new FrameEncoder();
	readonly #listener: Listener<HttpConnection>;
	readonly #address: WebAddress;

	/**
	 * Prepares the page; the result opens the port. The first throws ReasonedError `page_unusable`, the
	 * second CannotListen.
	 */
	static async prepare(
		options: WebListenerOptions,
	): Promise<(handlers: WebListenerHandlers) => WebListener> {
		const site = new Site(await readPage(await options.web.loadPage()));
		return (handlers) => new WebListener(options, site, handlers);
	}

	private constructor(options: WebListenerOptions, site: Site, handlers: WebListenerHandlers) {
		const { host, web, limits, certificate } = options;
		this.#options = options;
		this.#site = site;
		this.#handlers = handlers;
		this.#requests = new RequestLimiter(limits.maxPerAddress);
		// Behind a proxy, all sockets come from it.
		const isProxied = typeof web.access === "object";
		const maxPerAddress = isProxied ? limits.maxStrangers : limits.maxPerAddress;
		this.#browsers = new ConnectionTable({ ...limits, maxMembers: 0, maxPerAddress });
		const place = { host, port: web.port, flag: "web" } as const;
		const own = web.access === "certificate" ? certificate : undefined;
		this.#listener = listen(place, own, {
			onConnect: (socket) => this.#connect(socket),
			onClose: (browser) => this.#close(browser),
			onError: handlers.onError,
		});
		this.#address = this.#findAddress();
	}

	#findAddress(): WebAddress {
		const { web, certificate } = this.#options;
		const { access, publicHost } = web;
		const { host, port } = this.place;
		if (typeof access === "object") return proxiedAddress(access.origin);
		if (access === "loopback" || !certificate) return loopbackAddress({ host, port });
		return certifiedAddress({ host: publicHost ?? certificate.name ?? host, port }, certificate);
	}

	/** Where it listens. */
	get place(): HostPort {
		return { host: this.#listener.hostname, port: this.#listener.port };
	}

	/** Whether browsers that follow the link are answered: a certificate may be for other names. */
	get isAnswering(): boolean {
		return this.#address.originFor(new URL(this.url).host) !== null;
	}

	/** Where friends find the page. */
	get url(): string {
		return this.#address.url;
	}

	get isEmpty(): boolean {
		return this.#browsers.size === 0;
	}

	tick(now: number): void {
		for (const browser of this.#browsers) browser.tick(now);
	}

	/** Closes the port, and cuts whoever has no connection to the room. */
	stop(): void {
		this.#listener.stop();
		for (const browser of this.#browsers) browser.socket.terminate();
	}

	#connect(socket: ServerSocket<HttpConnection>): HttpConnection | undefined {
		const address: string | undefined = socket.remoteAddress;
		if (!address || !this.#handlers.onAccept()) return;
		if (!this.#browsers.makeRoom(canonicalIp(address))) return;
		const { now, limits } = this.#options;
		const browser = new HttpConnection(socket, {
			...{ now, patience: limits.helloTime * 1000 },
			answer: (request, from) => this.#answer(request, from),
		});
		this.#browsers.add(browser);
		return browser;
	}

	#close(browser: HttpConnection): void {
		this.#browsers.remove(browser);
		if (browser.connection) this.#handlers.onClose(browser.connection);
	}

	/** Judges a request before anything is done for it. */
	#answer(request: Request, browser: HttpConnection): Response | Upgrade {
		const { access, trustsProxy } = this.#options.web;
		if (access === "certificate" && !browser.isEncrypted) {
			return sentence(400, `This port speaks https: open ${this.url}`);
		}
		if (!["GET", "HEAD"].includes(request.method)) {
			return sentence(405, "Only GET and HEAD are served here.", { Allow: "GET, HEAD" });
		}
		if (request.hasBody) return sentence(413, "Requests with a body are not accepted.");
		const origin = this.#address.originFor(request.headers.get("host") ?? "");
		if (origin === null)
			return sentence(421, `The page is at ${this.url} and at no other address.`);
		// Before anything is counted: a page elsewhere must not use up what its reader's network may ask.
		if (isFromOtherSite(request, origin)) return notForOthers(origin);
		const ip = trustsProxy ? forwardedIp(request) : browser.ip;
		if (ip === null) {
			return sentence(400, "The proxy must name the client's address last in X-Forwarded-For.");
		}
		if (!this.#requests.take(networkOf(ip), this.#options.now())) {
			return sentence(429, "Too many requests came from your network.", { "Retry-After": "10" });
		}
		if (request.path !== SOCKET) return this.#site.answer(request);
		const answer = acceptUpgrade(request, origin);
		if ("status" in answer) return answer;
		return { ...answer, admit: () => this.#admit(browser, ip) };
	}

	#admit(browser: HttpConnection, ip: string): Connection | undefined {
		const framing = new WebSocketFraming(this.#encoder, this.#options.limits.loginLine);
		// On loopback and behind a proxy, too, the hello has the key: the page has no keys folder.
		const from = { ip, framing, isEncrypted: true } as const;
		const connection = this.#handlers.onConnect(browser.socket, from);
		if (connection) this.#browsers.remove(browser);
		return connection;
	}
}
