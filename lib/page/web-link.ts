import type { Link, LinkHandlers, ServerTarget, SessionStart } from "../client/net/link.ts";
import { Unreachable } from "../client/net/link-errors.ts";
import type { Servers } from "../client/net/room-target.ts";
import { reason } from "../wire/errors/reason.ts";
import { hello } from "../wire/transport/hello.ts";
import { MAX_SERVER_LINE } from "../wire/transport/server-line.ts";

/** Milliseconds to connect: a firewall may drop every packet. */
const TIMEOUT = 10_000;
/** Characters of lines that may come while nobody takes any. */
const MAX_BEHIND = 4 * 1024 * 1024;

/** A link over a WebSocket, which the browser has encrypted, unless it leads to this machine. */
class WebLink implements Link {
	readonly #socket: WebSocket;
	readonly #closed: () => void;
	#isPaused = false;
	/** Characters that came since the pause began. */
	#behind = 0;

	constructor(socket: WebSocket, closed: () => void) {
		this.#socket = socket;
		this.#closed = closed;
	}

	send(line: string): void {
		if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(line);
	}

	/** A browser cannot stop reading, so that the server never sees that we are slow: see `received`. */
	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		this.#behind = 0;
	}

	/**
	 * Call before a line is passed on. False if it must not be: too many came in the pause. Hangs up
	 * then, as a server does on a slow reader: coming back replays what is missing, or counts it.
	 */
	mayPass(line: string): boolean {
		if (this.#isPaused) this.#behind += line.length;
		if (this.#behind <= MAX_BEHIND) return true;
		this.terminate();
		return false;
	}

	/** Does not wait for the server to agree, which it cannot where the network is gone. */
	terminate(): void {
		this.#socket.close();
		this.#closed();
	}
}

/** Connects to the page's own server. Throws Unreachable. */
function open(url: string, { id, key }: SessionStart, handlers: LinkHandlers): Promise<Link> {
	const { promise, resolve, reject } = Promise.withResolvers<Link>();
	const socket = new WebSocket(url);
	const fail = (): void => {
		reject(new Unreachable(reason("server_unreachable", "The server does not answer.")));
		socket.close();
	};
	const timer = setTimeout(fail, TIMEOUT);
	const over = new AbortController();
	const { signal } = over;
	const closed = (): void => {
		if (signal.aborted) return;
		over.abort();
		handlers.closed();
	};
	const link = new WebLink(socket, closed);
	addEventListener("online", () => handlers.woke(), { signal });
	socket.addEventListener("open", () => {
		clearTimeout(timer);
		socket.send(hello(id, key));
		resolve(link);
	});
	socket.addEventListener("message", ({ data }) => {
		handlers.heard();
		if (typeof data === "string" && data.length <= MAX_SERVER_LINE) {
			if (link.mayPass(data)) handlers.line(data);
			return;
		}
		handlers.fault(new Unreachable(reason("not_fernet_chat", "This is not a fernet-chat server.")));
		socket.close();
	});
	socket.addEventListener("close", () => {
		clearTimeout(timer);
		fail();
		closed();
	});
	return promise;
}

/** The one server that a page may talk to: the one that it came from. */
export class OwnServer implements Servers {
	readonly label = undefined;
	readonly #target: ServerTarget;

	/** `origin` is the page's. */
	constructor(origin: string) {
		const url = `${origin.replace(/^http/, "ws")}/socket`;
		this.#target = {
			limit: Number.POSITIVE_INFINITY,
			open: (start, handlers) => open(url, start, handlers),
		};
	}

	leaveCurrent(): void {}

	tryInTurn<T>(attempt: (server: ServerTarget) => Promise<T>): Promise<T> {
		return attempt(this.#target);
	}
}
