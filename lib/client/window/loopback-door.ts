import { timingSafeEqual } from "node:crypto";
import type { Server, ServerWebSocket } from "bun";
import { isFromOtherSite, notForOthers } from "../../web/other-sites.ts";
import type { Request as PageRequest } from "../../web/request.ts";
import { type Response as Answer, SECURITY_HEADERS, sentence } from "../../web/response.ts";
import type { Site } from "../../web/site.ts";
import { loopbackAddress } from "../../web/web-address.ts";
import type { PageSocket, PageSocketHandlers } from "./page-socket.ts";
import { CONTROL_PATH, MAX_VISIT, ROOM_PATH, WINDOW_PATH } from "./window-messages.ts";

// `Bun.serve` is enough here, and not for a room's server: one person's page is served, on this
// machine alone. Whoever fills the port up can only be another user of it, and keeps nobody but
// this client from opening its window or coming back to its room.

const HOST = "127.0.0.1";
/** Bytes of a message from the page: more than a visit, in which each character may have three. */
const MAX_MESSAGE = 4 * MAX_VISIT;
/** Bytes that wait for a page: the longest line of a room, and what came with the line before it. */
const MAX_WAITING = 16 * 1024 * 1024;
/** Seconds of silence after which a request is cut off. */
const REQUEST_TIMEOUT = 10;
/** Of a WebSocket, none: the browser on this machine cannot be gone without closing it, only asleep. */
const NEVER = 0;

/** What the page's WebSockets lead to. */
export interface DoorHandlers {
	/** The page is being loaded. */
	loading(): void;
	/** Closes it if another page is there already. */
	control(socket: PageSocket): PageSocketHandlers;
	room(socket: PageSocket, attempt: number): PageSocketHandlers;
}

/** What a WebSocket has besides: where it leads, once it is open. */
interface SocketData {
	readonly open: (socket: PageSocket) => PageSocketHandlers;
	handlers?: PageSocketHandlers;
}

/**
 * Serves the page on this machine, on a free port, and takes WebSockets from the one page that
 * knows the secret. Everybody else gets the page's files at most, which are no secret.
 */
export class LoopbackDoor {
	readonly #site: Site;
	readonly #handlers: DoorHandlers;
	readonly #server: Server<SocketData>;
	readonly #address: ReturnType<typeof loopbackAddress>;
	/** 256 bits. It is in the link, and in no address that anything sends. */
	readonly #secret = crypto
		.getRandomValues(new Uint8Array(32))
		.toBase64({ alphabet: "base64url", omitPadding: true });

	constructor(site: Site, handlers: DoorHandlers) {
		this.#site = site;
		this.#handlers = handlers;
		this.#server = Bun.serve<SocketData>({
			hostname: HOST,
			port: 0,
			idleTimeout: REQUEST_TIMEOUT,
			development: false,
			fetch: (request, server) => this.#answer(request, server),
			websocket: {
				maxPayloadLength: MAX_MESSAGE,
				backpressureLimit: MAX_WAITING,
				closeOnBackpressureLimit: true,
				idleTimeout: NEVER,
				perMessageDeflate: false,
				open: (socket) => {
					socket.data.handlers = socket.data.open(pageSocket(socket));
				},
				message: ({ data }, message) => data.handlers?.message(String(message)),
				drain: ({ data }) => data.handlers?.drained(),
				close: ({ data }) => data.handlers?.closed(),
			},
		});
		this.#address = loopbackAddress({ host: HOST, port: this.#server.port ?? 0 });
	}

	/** Where the page is, and the secret that it takes out of its address at once. */
	get link(): string {
		return new URL(`${WINDOW_PATH}#${this.#secret}`, this.#address.url).href;
	}

	stop(): void {
		void this.#server.stop(true);
	}

	#answer(request: Request, server: Server<SocketData>): Response | undefined {
		const headers = new Map(request.headers);
		// First: whatever the Host is, the request's URL mostly begins with it.
		const origin = this.#address.originFor(headers.get("host") ?? "");
		if (origin === null) return respond(sentence(421, "The page has another address."));
		const url = URL.parse(request.url);
		if (!url) return respond(sentence(400, "This is not an HTTP/1.1 request."));
		const { pathname: path, search } = url;
		const asked = { method: request.method, path, headers, hasBody: false };
		if (isFromOtherSite(asked, origin)) return respond(notForOthers(origin));
		if (!["GET", "HEAD"].includes(asked.method)) {
			return respond(sentence(405, "Only GET and HEAD are served here.", { Allow: "GET, HEAD" }));
		}
		const open = this.#socketFor(path, search);
		if (!open) return respond(this.#file(asked));
		// A page always says where it is from.
		const isOwn = headers.get("origin") === origin;
		if (!isOwn || !this.#isSecret(headers.get("sec-websocket-protocol"))) {
			return respond(sentence(403, "Only the page in this window can use this."));
		}
		const selected = { "Sec-WebSocket-Protocol": this.#secret };
		if (server.upgrade(request, { data: { open }, headers: selected })) return undefined;
		return respond(sentence(426, "Only a WebSocket can be opened here."));
	}

	#file(asked: PageRequest): Answer {
		const { path } = asked;
		if (path === WINDOW_PATH) this.#handlers.loading();
		const answer = this.#site.answer({ ...asked, path: path === WINDOW_PATH ? "/" : path });
		if (path !== "/" && answer.status !== 404) return answer;
		return sentence(404, "There is nothing here. Open the link that the client has printed.");
	}

	#socketFor(path: string, search: string): SocketData["open"] | undefined {
		if (path === CONTROL_PATH) return (socket) => this.#handlers.control(socket);
		if (path !== ROOM_PATH) return undefined;
		return (socket) => this.#handlers.room(socket, Number(search.slice(1)));
	}

	#isSecret(given: string | undefined): boolean {
		const [known, tried] = [this.#secret, given ?? ""].map((text) => Buffer.from(text));
		return (
			known !== undefined &&
			tried !== undefined &&
			known.length === tried.length &&
			timingSafeEqual(known, tried)
		);
	}
}

const pageSocket = (socket: ServerWebSocket<SocketData>): PageSocket => ({
	send: (text) => socket.sendText(text) > 0,
	close: (code) => socket.close(code),
});

const respond = ({ status, headers, body }: Answer): Response =>
	new Response(status === 304 ? null : new Uint8Array(body), {
		status,
		headers: { ...headers, ...SECURITY_HEADERS },
	});
