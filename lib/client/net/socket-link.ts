import type { Socket } from "bun";
import { hello } from "../../wire/transport/hello.ts";
import { LineReader } from "../../wire/transport/line-reader.ts";
import { Outbox } from "../../wire/transport/outbox.ts";
import { MAX_SERVER_LINE } from "../../wire/transport/server-line.ts";
import { dial, type Receiver } from "./dial.ts";
import type { Address } from "./endpoint.ts";
import type { Link, LinkHandlers, SessionStart } from "./link.ts";

/** A link over a TCP socket. Its key lies in the key folder, if the address has one, until it closes. */
export class SocketLink implements Link, Receiver {
	readonly #socket: Socket<unknown>;
	readonly #outbox: Outbox;
	readonly #lineReader = new LineReader(MAX_SERVER_LINE);
	readonly #handlers: LinkHandlers;
	readonly #removeKey: () => void;

	private constructor(socket: Socket<unknown>, handlers: LinkHandlers, removeKey: () => void) {
		this.#socket = socket;
		this.#outbox = new Outbox(socket);
		this.#handlers = handlers;
		this.#removeKey = removeKey;
	}

	/** As ServerTarget says. */
	static async open(
		address: Address,
		{ id, key }: SessionStart,
		handlers: LinkHandlers,
	): Promise<SocketLink> {
		const { keys } = address;
		const removeKey = (): void => keys?.remove(id);
		keys?.save(id, key);
		try {
			const socket = await dial(address);
			const link = new SocketLink(socket, handlers, removeKey);
			socket.data = link;
			link.send(keys ? hello(id) : hello(id, key));
			return link;
		} catch (error) {
			removeKey();
			throw error;
		}
	}

	get unsent(): number {
		return this.#outbox.size;
	}

	send(line: string): void {
		this.#outbox.write(Buffer.from(`${line}\n`, "latin1"));
	}

	pause(): void {
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}

	terminate(): void {
		this.#socket.terminate();
	}

	receive(chunk: Buffer): void {
		this.#handlers.heard();
		try {
			this.#lineReader.push(chunk, (line) => this.#handlers.line(line));
		} catch (error) {
			this.#handlers.fault(error);
		}
	}

	drain(): void {
		this.#outbox.drain();
	}

	closed(): void {
		this.#removeKey();
		this.#handlers.closed();
	}
}
