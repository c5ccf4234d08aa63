import { join } from "node:path";
import type { Member } from "../member.ts";
import type { Read } from "../stream.ts";
import { MARK } from "../texts.ts";
import { type Contender, printedPort } from "./contender.ts";

const SERVER = join(import.meta.dir, "websocket-server.ts");
const UPGRADE = Buffer.from(
	[
		"GET / HTTP/1.1",
		"Host: 127.0.0.1",
		"Connection: Upgrade",
		"Upgrade: websocket",
		"Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"\r\n",
	].join("\r\n"),
);
/** RFC 6455: a whole text message; the second byte holds a length below 126. */
const TEXT = 0x81;
const HEADER = 2;
const MASKED = 0x80;

/** `Bun.serve` with WebSockets, publishing in clear. */
export class WebSocketRoom implements Contender {
	readonly isEncrypted = false;
	readonly isShared = true;
	readonly port: number;
	readonly #server: Bun.Subprocess;

	private constructor(server: Bun.Subprocess, port: number) {
		this.#server = server;
		this.port = port;
	}

	static async open(): Promise<WebSocketRoom> {
		const server = Bun.spawn([process.execPath, SERVER], { stdout: "pipe" });
		return new WebSocketRoom(server, await printedPort(server));
	}

	get pid(): number {
		return this.#server.pid;
	}

	async enter(member: Member): Promise<void> {
		member.write(UPGRADE);
		await member.hears("\r\n\r\n");
	}

	isMarked(tail: Buffer): boolean {
		return tail.toString("latin1").endsWith(MARK);
	}

	say(_: number, text: string): Uint8Array {
		const mask = crypto.getRandomValues(new Uint8Array(4));
		const payload = Buffer.from(text, "latin1");
		for (const [i, byte] of payload.entries()) payload[i] = byte ^ (mask[i % 4] ?? 0);
		return Buffer.concat([Buffer.of(TEXT, MASKED | payload.length), mask, payload]);
	}

	reader(): Read {
		return (bytes, start, stop) => {
			if (start + HEADER > stop) return null;
			const end = start + HEADER + (bytes[start + 1] ?? 0);
			if (end > stop) return null;
			if (bytes[start] !== TEXT) throw new Error("not a whole message of text");
			return { texts: [bytes.toString("latin1", start + HEADER, end)], end };
		};
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.kill("SIGKILL");
		await this.#server.exited;
	}
}
