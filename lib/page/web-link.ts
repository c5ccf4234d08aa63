import type { Link, LinkHandlers, ServerTarget, SessionStart } from "../client/net/link.ts";
import { Unreachable } from "../client/net/link-errors.ts";
import type { Servers } from "../client/net/room-target.ts";
import { TOO_LONG } from "../client/window/window-messages.ts";
import { ProtocolError, reason } from "../wire/errors/reason.ts";
import { hello } from "../wire/transport/hello.ts";
import { MAX_SERVER_LINE } from "../wire/transport/server-line.ts";

/** Milliseconds to connect: a firewall may drop every packet. */
const TIMEOUT = 10_000;
/** Characters of lines that may come while nobody takes any. */
const MAX_BEHIND = 4 * 1024 * 1024;

const tooLong = () => new ProtocolError(reason("line_too_long", MAX_SERVER_LINE));

/** A link over a WebSocket, which the browser has encrypted, unless it leads to this machine. */
export class WebLink implements Link {
	readonly #socket: WebSocket;
	readonly #handlers: LinkHandlers;
	/** Aborted at the end. */
	readonly #over = new AbortController();
	#isPaused = false;
	/** Characters that came since the pause began. */
	#behind = 0;

	/** `socket` is open. */
	constructor(socket: WebSocket, handlers: LinkHandlers) {
		this.#socket = socket;
		this.#handlers = handlers;
		const { signal } = this.#over;
		addEventListener("online", () => handlers.woke(), { signal });
		socket.addEventListener("message", ({ data }) => this.#receive(data));
		socket.addEventListener("close", ({ code }) => {
			if (code === TOO_LONG) handlers.fault(tooLong());
			this.#close();
		});
	}

	get unsent(): number {
		return this.#socket.bufferedAmount;
	}

	send(line: string): void {
		if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(line);
	}

	/** A browser cannot stop reading, so that the server never sees that we are slow: see `#mayPass`. */
	pause(): void {
		this.#isPaused = true;
	}

	resume(): void {
		this.#isPaused = false;
		this.#behind = 0;
	}

	/** Does not wait for the server to agree, which it cannot where the network is gone. */
	terminate(): void {
		this.#socket.close();
		this.#close();
	}

	#receive(data: unknown): void {
		this.#handlers.heard();
		if (typeof data === "string" && data.length <= MAX_SERVER_LINE) {
			if (this.#mayPass(data)) this.#handlers.line(data);
			return;
		}
		this.#handlers.fault(
			new Unreachable(reason("not_fernet_chat", "This is not a fernet-chat server.")),
		);
		this.#socket.close();
	}

	/**
	 * Call before a line is passed on. False if it must not be: too many came in the pause. Hangs up
	 * then, as a server does on a slow reader: coming back replays what is missing, or counts it.
	 */
	#mayPass(line: string): boolean {
		if (this.#isPaused) this.#behind += line.length;
		if (this.#behind <= MAX_BEHIND) return true;
		this.terminate();
		return false;
	}

	#close(): void {
		if (this.#over.signal.aborted) return;
		this.#over.abort();
		this.#handlers.closed();
	}
}

/** Opens a WebSocket, which the server selects by `protocol`, if it is given. Throws Unreachable. */
export function openSocket(url: string, protocol?: string): Promise<WebSocket> {
	const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
	const socket = new WebSocket(url, protocol ?? []);
	const fail = (): void => {
		reject(new Unreachable(reason("server_unreachable", "The server does not answer.")));
		socket.close();
	};
	const timer = setTimeout(fail, TIMEOUT);
	socket.addEventListener("open", () => {
		clearTimeout(timer);
		resolve(socket);
	});
	socket.addEventListener("close", () => {
		clearTimeout(timer);
		fail();
	});
	return promise;
}

/** The one server that a page may talk to: the one that it came from. */
export class OwnServer implements Servers {
	readonly label = undefined;
	readonly #url: string;
	readonly #target: ServerTarget = {
		limit: Number.POSITIVE_INFINITY,
		open: (start, handlers) => this.#open(start, handlers),
	};

	/** `origin` is the page's. */
	constructor(origin: string) {
		this.#url = `${origin.replace(/^http/, "ws")}/socket`;
	}

	leaveCurrent(): void {}

	tryInTurn<T>(attempt: (server: ServerTarget) => Promise<T>): Promise<T> {
		return attempt(this.#target);
	}

	async #open({ id, key }: SessionStart, handlers: LinkHandlers): Promise<Link> {
		const socket = await openSocket(this.#url);
		socket.send(hello(id, key));
		return new WebLink(socket, handlers);
	}
}
