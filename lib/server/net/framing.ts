import { LineReader } from "../../wire/transport/line-reader.ts";
import { isSessionLine } from "../../wire/transport/server-line.ts";

/** What takes what a framing has read. Both return false to be given no more for now. */
export interface FramingPeer {
	take(line: string): boolean;
	/** Sends something that the framing itself has to say. */
	reply(bytes: Uint8Array): boolean;
	/** The peer has said that it sends no more. */
	onEnd(): void;
}

/** How lines stand on a socket: one after the other, or each as a message of a WebSocket. */
export interface Framing {
	/** Bytes a line may have, without its newline; may change as the peer earns more trust. */
	set limit(bytes: number);
	/**
	 * Passes on what has arrived, in order, until the peer wants no more. Returns the bytes that are
	 * left then, or null. Throws ProtocolError beyond the limit.
	 */
	read(chunk: Buffer, peer: FramingPeer): Buffer | null;
	/** The bytes to send for one line or several, each with its newline. */
	encode(lines: Buffer): Uint8Array;
	/** Whether bytes that `encode` returned begin with a line under the session key. */
	isSessionLine(bytes: Uint8Array): boolean;
	/** What is sent last, before we close our side. */
	readonly goodbye: Uint8Array | null;
}

/** Lines as they are, each with its newline. */
export class PlainFraming implements Framing {
	readonly goodbye = null;
	readonly isSessionLine = isSessionLine;
	readonly #reader: LineReader;

	constructor(limit: number) {
		this.#reader = new LineReader(limit);
	}

	set limit(bytes: number) {
		this.#reader.limit = bytes;
	}

	read(chunk: Buffer, peer: FramingPeer): Buffer | null {
		return this.#reader.push(chunk, (line) => peer.take(line));
	}

	encode(lines: Buffer): Buffer {
		return lines;
	}
}
