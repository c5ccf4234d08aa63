import type { Socket } from "bun";
import type { Request } from "../../web/request.ts";
import { type Response, sentence } from "../../web/response.ts";
import type { Reason } from "../../wire/errors/reason.ts";
import { Outbox } from "../../wire/transport/outbox.ts";
import { canonicalIp, networkOf, networksOf } from "../limits/ip-address.ts";
import type { Connection } from "../net/connection.ts";
import type { Counted } from "../net/connection-table.ts";
import { lists, parseRequest } from "./parse-request.ts";
import { responseBytes, switchingProtocols } from "./response-bytes.ts";

// Written by hand, because `Bun.serve` accepts connections without a bound: at the limit of open
// files it spins, and every other file fails. It is HTTP/1.1 for files in memory: heads of bounded
// size, no bodies, one answer after the other.

/** Bytes that the head of a request may have. */
const MAX_HEAD = 16 * 1024;
const END = "\r\n\r\n";
/** Milliseconds a peer has to take our last answer and close its side. */
const CLOSE_TIMEOUT = 2000;

/** What an HttpConnection needs from its listener. */
export interface HttpContext {
	now(): number;
	/** Milliseconds for a head, and for an answer to be taken. */
	readonly patience: number;
	answer(request: Request, from: HttpConnection): Response | Upgrade;
}

/** The request opens a WebSocket. `admit` returns undefined if there is no room for it. */
export interface Upgrade {
	readonly accept: string;
	admit(): Connection | undefined;
}

/** One browser's socket: answers its requests, until it becomes a connection to the room. */
export class HttpConnection implements Counted {
	readonly ip: string;
	readonly networks: readonly string[];
	readonly network: string;
	socket: Socket<unknown>;
	isNew = true;
	isEncrypted = false;
	/** The connection to the room that it has become. */
	connection: Connection | undefined;
	readonly #context: HttpContext;
	#outbox: Outbox;
	/** What has arrived of requests that are not answered yet. */
	#held = Buffer.alloc(0);
	#isPaused = false;
	#isClosing = false;
	/** When to cut it, in monotonic milliseconds. */
	#deadline: number;

	constructor(socket: Socket<unknown>, context: HttpContext) {
		socket.setNoDelay(true);
		this.socket = socket;
		this.ip = canonicalIp(socket.remoteAddress);
		this.networks = networksOf(this.ip);
		this.network = networkOf(this.ip);
		this.#context = context;
		this.#outbox = new Outbox(socket);
		this.#deadline = context.now() + context.patience;
	}

	get isClosing(): boolean {
		return this.#isClosing;
	}

	get isUnauthenticated(): boolean {
		return !this.#isClosing;
	}

	upgrade(socket: Socket<unknown>): void {
		this.isNew = false;
		this.isEncrypted = true;
		this.socket = socket;
		this.#outbox = new Outbox(socket);
	}

	receive(chunk: Buffer): void {
		this.isNew = false;
		if (this.connection) return this.connection.receive(chunk);
		if (this.#isClosing) return;
		this.#held = Buffer.concat([this.#held, chunk]);
		this.#answerHeld();
	}

	drain(): void {
		if (this.connection) return this.connection.drain();
		this.#outbox.drain();
		if (!this.#isClosing) this.#deadline = this.#context.now() + this.#context.patience;
		if (this.#outbox.size > 0) return;
		if (this.#isClosing) return this.socket.shutdown();
		if (this.#isPaused) {
			this.#isPaused = false;
			// Before the answers: what an upgrade makes of the socket may pause it for its own reasons.
			this.socket.resume();
			this.#answerHeld();
		}
	}

	onEnd(): void {
		if (this.connection) return this.connection.onEnd();
		if (!this.#isClosing) this.#close();
	}

	/** There are too many connections, or this one speaks no TLS. */
	hangUp({ text }: Reason): void {
		if (this.#isClosing) return;
		// A browser takes what it did not ask for as the answer to what it asks next.
		if (this.#held.length > 0) this.#send(sentence(503, text, { "Retry-After": "10" }), null);
		this.#close();
	}

	tick(now: number): void {
		if (now < this.#deadline) return;
		if (this.#isClosing || this.#outbox.size > 0) this.socket.terminate();
		else this.#close();
	}

	/** Answers one request after the other, as fast as the answers are taken. */
	#answerHeld(): void {
		while (!this.#isClosing && this.#outbox.size === 0) {
			const end = this.#held.indexOf(END);
			if (Math.max(end, end === -1 ? this.#held.length : 0) > MAX_HEAD) {
				return this.#refuse(431, "The head of this request is too long.");
			}
			if (end === -1) return;
			const request = parseRequest(this.#held.toString("latin1", 0, end));
			this.#held = this.#held.subarray(end + END.length);
			if (!request) return this.#refuse(400, "This is not an HTTP/1.1 request.");
			const answer = this.#context.answer(request, this);
			if ("accept" in answer) return this.#becomeConnection(answer);
			this.#send(answer, request);
			if (isLast(answer, request)) return this.#close();
			this.#deadline = this.#context.now() + this.#context.patience;
		}
		if (this.#isClosing) return;
		this.#isPaused = true;
		this.socket.pause();
	}

	#becomeConnection({ accept, admit }: Upgrade): void {
		const bytes = switchingProtocols(accept);
		const connection = this.socket.write(bytes) === bytes.length ? admit() : undefined;
		if (!connection) return void this.socket.terminate();
		this.connection = connection;
		const rest = this.#held;
		this.#held = Buffer.alloc(0);
		if (rest.length > 0) connection.receive(rest);
	}

	#refuse(status: number, text: string): void {
		this.#send(sentence(status, text), null);
		this.#close();
	}

	#send(response: Response, request: Request | null): void {
		const isHead = request?.method === "HEAD";
		const delivery = { isHead, isLast: isLast(response, request) };
		for (const bytes of responseBytes(response, delivery)) {
			this.#outbox.write(bytes);
		}
	}

	#close(): void {
		this.#isClosing = true;
		this.#held = Buffer.alloc(0);
		this.#deadline = this.#context.now() + CLOSE_TIMEOUT;
		if (this.#isPaused) this.socket.resume();
		if (this.#outbox.size === 0) this.socket.shutdown();
	}
}

/** Whether the connection ends with a response: a refused request may be followed by anything. */
const isLast = (response: Response, request: Request | null): boolean =>
	response.status >= 400 || lists(request?.headers.get("connection"), "close");
