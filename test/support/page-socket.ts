import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";

// What a page's WebSocket sends and takes, as a stream of lines. It shares nothing with
// lib/server/web. Unlike a browser it can stall, break off and send half a line.

/** What a test needs of a socket, and of a page's. */
export interface ClientSocket extends Duplex {
	readonly readyState: string;
	setNoDelay(on: true): unknown;
	resetAndDestroy(): unknown;
}

const TEXT = 0x1;
const CONTINUATION = 0x0;
const CLOSE = 0x8;
const FIN = 0x80;

/** A frame as browsers send it: masked. */
export function maskedFrame(first: number, payload: Uint8Array): Buffer {
	const { length } = payload;
	const head = Buffer.alloc(length < 126 ? 2 : length < 0x1_0000 ? 4 : 10);
	head[0] = first;
	if (length < 126) head[1] = 0x80 | length;
	else if (length < 0x1_0000) {
		head[1] = 0x80 | 126;
		head.writeUInt16BE(length, 2);
	} else {
		head[1] = 0x80 | 127;
		head.writeBigUInt64BE(BigInt(length), 2);
	}
	const mask = randomBytes(4);
	const frame = Buffer.concat([head, mask, payload]);
	const start = head.length + mask.length;
	// Floods go through here: a function for each byte would take most of their time.
	for (let i = 0; i < length; i++) frame[start + i] = (frame[start + i] ?? 0) ^ (mask[i & 3] ?? 0);
	return frame;
}

interface Options {
	readonly localAddress?: string | undefined;
	/** Keeps its side open when the server ends its own. */
	readonly allowHalfOpen?: boolean;
	/** Headers beside those that a browser sends, or in their place. */
	readonly headers?: Readonly<Record<string, string>>;
	/** Goes through this one, such as one over TLS. */
	readonly socket?: Socket;
	/** Where the WebSocket is; a server's is at `/socket`. */
	readonly path?: string;
	/** The page's address, unless it is on this machine. */
	readonly origin?: string;
}

/** The connection of a page on this machine. */
export class PageSocket extends Duplex implements ClientSocket {
	/** The answer to the request, once it has come: its head. */
	answer: string | undefined;
	readonly #socket: Socket;
	readonly #staysOpen: boolean;
	#received: Buffer = Buffer.alloc(0);
	/** A line has been begun, and not ended. */
	#isAmidLine = false;
	/** Sends what waits until the connection is a WebSocket. */
	#begin: (() => void) | undefined;

	constructor(
		port: number,
		{
			localAddress,
			allowHalfOpen = false,
			headers,
			path = "/socket",
			origin = `http://127.0.0.1:${port}`,
			socket,
		}: Options = {},
	) {
		super({ autoDestroy: false, allowHalfOpen: true });
		this.#staysOpen = allowHalfOpen;
		const where = { port, host: "127.0.0.1", allowHalfOpen };
		this.#socket =
			socket ?? connect(localAddress === undefined ? where : { ...where, localAddress });
		const { host } = new URL(origin);
		const all = {
			...{ Host: host, Origin: origin, Connection: "Upgrade", Upgrade: "websocket" },
			"Sec-WebSocket-Key": randomBytes(16).toString("base64"),
			"Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
			...headers,
		};
		const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
		this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
		this.#socket.on("data", (chunk: Buffer) => this.#read(chunk));
		this.#socket.on("close", () => this.#end());
		this.#socket.on("error", () => {});
	}

	get readyState(): string {
		const isOpen = this.#socket.readyState === "open" && this.answer !== undefined;
		return isOpen
			? "open"
			: this.#socket.readyState === "open"
				? "opening"
				: this.#socket.readyState;
	}

	setNoDelay(): void {
		this.#socket.setNoDelay();
	}

	resetAndDestroy(): void {
		this.#socket.resetAndDestroy();
	}

	/** Sends bytes that need not be frames. */
	raw(bytes: Uint8Array): void {
		this.#whenOpen(() => this.#socket.write(bytes));
	}

	#whenOpen(action: () => void): void {
		if (this.answer !== undefined) return action();
		const before = this.#begin;
		this.#begin = () => {
			before?.();
			action();
		};
	}

	#read(chunk: Buffer): void {
		this.#received = Buffer.concat([this.#received, chunk]);
		if (this.answer === undefined) {
			const end = this.#received.indexOf("\r\n\r\n");
			if (end === -1) return;
			this.answer = this.#received.toString("latin1", 0, end);
			this.#received = this.#received.subarray(end + 4);
			this.#begin?.();
		}
		for (let frame = this.#next(); frame; frame = this.#next()) this.#take(frame);
	}

	/** Takes a whole frame out of what was received. */
	#next(): { first: number; payload: Buffer } | undefined {
		const bytes = this.#received;
		const [first = 0, length = 0] = bytes;
		const start = length === 126 ? 4 : length === 127 ? 10 : 2;
		if (bytes.length < start) return undefined;
		const size =
			start === 4
				? bytes.readUInt16BE(2)
				: start === 10
					? Number(bytes.readBigUInt64BE(2))
					: length;
		if (bytes.length < start + size) return undefined;
		this.#received = bytes.subarray(start + size);
		return { first, payload: bytes.subarray(start, start + size) };
	}

	#take({ first, payload }: { first: number; payload: Buffer }): void {
		if (first === (FIN | TEXT)) {
			if (!this.push(Buffer.concat([payload, Buffer.from("\n")]))) this.#socket.pause();
		} else if (first !== (FIN | CLOSE)) this.emit("control", first, payload);
		else if (!this.#staysOpen) this.#socket.end(maskedFrame(FIN | CLOSE, payload));
	}

	/** What was received is still to be read. */
	#end(): void {
		this.push(null);
		this.once("end", () => this.destroy());
	}

	override _read(): void {
		this.#socket.resume();
	}

	override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
		this.#whenOpen(() => {
			for (let start = 0; start < chunk.length; ) {
				const newline = chunk.indexOf("\n", start);
				const end = newline === -1 ? chunk.length : newline;
				const opcode = this.#isAmidLine ? CONTINUATION : TEXT;
				this.#isAmidLine = newline === -1;
				const first = this.#isAmidLine ? opcode : FIN | opcode;
				this.#socket.write(maskedFrame(first, chunk.subarray(start, end)));
				start = end + 1;
			}
			done();
		});
	}

	override _final(done: () => void): void {
		this.#whenOpen(() => this.#socket.end(maskedFrame(FIN | CLOSE, Uint8Array.of(3, 0xe8))));
		done();
	}

	override _destroy(_: Error | null, done: (error: Error | null) => void): void {
		this.#socket.destroy();
		done(null);
	}
}
