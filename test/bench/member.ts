import type { Socket } from "bun";
import { Outbox } from "../../lib/wire/transport/outbox.ts";
import type { Contender } from "./contenders/contender.ts";
import type { Stream } from "./stream.ts";

/** Before the stream begins, a member keeps this many bytes, or the newest chunk if that is longer. */
const TAIL = 4096;

/** One connection of a crowd. */
export class Member {
	/** The newest bytes received before the stream. */
	tail: Buffer = Buffer.alloc(0);
	/** Called for each chunk that the member receives. */
	onHeard: (chunk: Buffer) => void = () => {};
	readonly #socket: Socket<unknown>;
	readonly #outbox: Outbox;
	#stream: Stream | undefined;
	/** Bytes received of the stream, and texts that `pass` has handed out. */
	#offset = 0;
	#passed = 0;

	constructor(socket: Socket<unknown>) {
		socket.setNoDelay(true);
		this.#socket = socket;
		this.#outbox = new Outbox(socket);
	}

	/** Calls `failed` with what goes wrong with the connection, or with the received bytes. */
	static async connect(
		{ port, isEncrypted }: Pick<Contender, "port" | "isEncrypted">,
		failed: (error: unknown) => void,
	): Promise<Member> {
		const { promise, resolve } = Promise.withResolvers<Member>();
		const ready = (socket: Socket<Member | undefined>): void => {
			socket.data = new Member(socket);
			resolve(socket.data);
		};
		await Bun.connect<Member | undefined>({
			hostname: "127.0.0.1",
			port,
			data: undefined,
			// Nobody vouches for a certificate that was made for this run.
			...(isEncrypted ? { tls: { rejectUnauthorized: false } } : {}),
			socket: {
				open: (socket) => (isEncrypted ? undefined : ready(socket)),
				handshake: ready,
				data(socket, chunk) {
					try {
						socket.data?.hear(chunk);
					} catch (error) {
						failed(error);
					}
				},
				drain: (socket) => socket.data?.drain(),
				close: () => failed(new Error("the server closed a member's connection")),
				error: (_, error) => failed(error),
			},
		});
		return promise;
	}

	hear(chunk: Buffer): void {
		if (this.#stream) {
			this.#stream.hear(this.#offset, chunk);
			this.#offset += chunk.length;
		} else {
			// A long chunk, as one with the names of all members, is not copied.
			this.tail = chunk.length >= TAIL ? chunk : Buffer.concat([this.tail.subarray(-TAIL), chunk]);
		}
		this.onHeard(chunk);
	}

	drain(): void {
		this.#outbox.drain();
	}

	write(bytes: Uint8Array): void {
		this.#outbox.write(bytes);
	}

	/** Waits until the member has received an ASCII text. */
	hears(text: string): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const look = (): void => {
			if (!this.tail.includes(text, 0, "latin1")) return;
			this.onHeard = () => {};
			resolve();
		};
		this.onHeard = look;
		look();
		return promise;
	}

	/** Everything received from now on belongs to this stream. */
	follow(stream: Stream): void {
		this.#stream = stream;
		this.#offset = 0;
		this.#passed = 0;
	}

	/** Gives `take` each text since the last call: its sender, and its number among theirs. */
	pass(take: (from: number, nth: number) => void): void {
		const { ends = [], from = [], nth = [] } = this.#stream ?? {};
		for (; (ends[this.#passed] ?? Number.POSITIVE_INFINITY) <= this.#offset; this.#passed++) {
			take(from[this.#passed] ?? 0, nth[this.#passed] ?? 0);
		}
	}

	/** Bytes received of the stream. */
	get received(): number {
		return this.#offset;
	}

	/** Whether the member has received `count` whole texts, and nothing after them. */
	hasHeard(count: number): boolean {
		return this.#stream?.count === count && this.#stream.length === this.#offset;
	}

	close(): void {
		this.#socket.terminate();
	}
}
