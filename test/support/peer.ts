import { connect } from "node:net";
import { randomId } from "../../lib/util/random-id.ts";
import { Fernet, generateKey } from "../../lib/wire/crypto/fernet.ts";
import { KeyFolder } from "../../lib/wire/keys/key-folder.ts";
import { eventually } from "./eventually.ts";
import { addressOf, PASSWORD } from "./mailbox.ts";
import type { ClientSocket } from "./page-socket.ts";
import type { Json, Stage } from "./programs.ts";
import { visitsIn } from "./visits.ts";
import { WireReader } from "./wire-reader.ts";

/** Where a peer connects. */
type Place = Pick<Stage, "port" | "keys"> &
	Partial<Pick<Stage, "knock" | "isPaged">> & { readonly tidy: (peer: Peer) => Peer };

/**
 * A client written for the tests: it speaks the protocol of lib/wire/README.md, or breaks it
 * where a test wants that. It uses nothing of lib/client.
 */
export class Peer implements AsyncDisposable {
	readonly id = randomId();
	readonly key = generateKey();
	readonly fernet = new Fernet(this.key);
	/** Everything received, exactly as it came. */
	received = "";
	closed = false;
	/** The number of the next message to send. */
	n = 0;
	readonly #socket: ClientSocket;
	readonly #reader = new WireReader(this.fernet);
	/** What was received and not yet decrypted: to search all of it would take longer each time. */
	#unread = "";
	#opened: Json[] = [];
	/** What the connection that this one resumes had already received. */
	#began = { seq: 0, private: 0 };

	/** Connects over plain TCP, unless a test passes another `socket`. */
	constructor(port: number, socket: ClientSocket = connect(port, "127.0.0.1")) {
		this.#socket = socket;
		this.#socket.setNoDelay(true);
		this.#socket.setEncoding("latin1");
		this.#socket.on("data", (text: string) => {
			this.received += text;
			this.#unread += text;
		});
		this.#socket.on("close", () => {
			this.closed = true;
		});
		// The server may close a connection by resetting it.
		this.#socket.on("error", () => {});
	}

	/** A peer that has said nothing yet. */
	static knocking({ port, knock, tidy }: Place): Peer {
		return tidy(new Peer(port, knock?.()));
	}

	/** A peer that has given its key, in the folder or from a page, and said hello. */
	static greeting(place: Place): Peer {
		const peer = Peer.knocking(place);
		if (!place.isPaged) new KeyFolder(place.keys).save(peer.id, peer.key);
		peer.line(`FERNET-CHAT/1 ${peer.id}${place.isPaged ? ` ${peer.key}` : ""}`);
		return peer;
	}

	/** A peer that has logged in and received its welcome. */
	static async member(stage: Stage, name: string): Promise<Peer> {
		const peer = Peer.greeting(stage);
		peer.send({ type: "login", name, email: addressOf(name), password: PASSWORD });
		await peer.waitFor("welcome");
		return peer;
	}

	/** A peer, with a key of its own, that resumes where the connection of `lost` broke. */
	static async resume(stage: Stage, lost: Peer): Promise<Peer> {
		const peer = Peer.greeting(stage);
		const { token, ...began } = lost.place;
		peer.#began = began;
		peer.send({ type: "resume", token, ...began });
		await peer.waitFor("resumed");
		return peer;
	}

	/** What `resume` sends: the newest token, the last event, the count of private lines. */
	get place(): { token: unknown; seq: number; private: number } {
		const place = { ...this.#began, token: undefined as unknown };
		for (const { type, seq, resume, lost } of this.messages) {
			if (type === "resumed") {
				const gap = lost as { events: number; private: number };
				place.seq += gap.events;
				place.private += gap.private;
			} else if (seq !== undefined) place.seq = Number(seq);
			if (type === "told") place.private++;
			if (resume !== undefined) place.token = resume;
		}
		return place;
	}

	/** Sends bytes as they are. */
	raw(bytes: string | Uint8Array): void {
		this.#socket.write(bytes);
	}

	line(text: string): void {
		this.raw(`${text}\n`);
	}

	/** A token with one message, as the protocol requires it: numbered and encrypted. */
	token(message: object, options: { now?: number } = {}): string {
		return this.fernet.encrypt(JSON.stringify({ n: this.n++, messages: [message] }), options);
	}

	/** Sends messages in one token. */
	send(...messages: object[]): void {
		this.line(this.fernet.encrypt(JSON.stringify({ n: this.n++, messages })));
	}

	/** Sends messages in tokens of 64, all of them in one write. */
	sendAtOnce(messages: object[]): void {
		const tokens: string[] = [];
		for (let i = 0; i < messages.length; i += 64) {
			const contents = { n: this.n++, messages: messages.slice(i, i + 64) };
			tokens.push(`${this.fernet.encrypt(JSON.stringify(contents))}\n`);
		}
		this.raw(tokens.join(""));
	}

	/** Sends a private message to the member who has the name now. */
	tell(to: string, id: string, text: string): void {
		this.send({ type: "tell", id, to, visit: this.visitOf(to), text });
	}

	/** The visit of a member, as far as this peer has heard. */
	visitOf(name: string): unknown {
		const met = this.messages.flatMap(visitsIn);
		return met.findLast(([member]) => member === name)?.[1];
	}

	/** Ends this side of the connection. */
	end(): void {
		this.#socket.end();
	}

	/** Resets the connection without a goodbye. */
	cut(): void {
		this.#socket.resetAndDestroy();
	}

	/** Stops reading, so that the server's bytes pile up. */
	stall(): void {
		this.#socket.pause();
	}

	wake(): void {
		this.#socket.resume();
	}

	/** Every message decrypted so far, with batches split into their events. */
	get messages(): Json[] {
		const lines = this.#unread.split("\n");
		this.#unread = lines.pop() ?? "";
		for (const line of lines) {
			if (line === "" || line.startsWith("FERNET-CHAT/1 ")) continue;
			this.#opened.push(...this.#reader.read(line).messages);
		}
		return this.#opened;
	}

	/** Waits for a message of a type. */
	waitFor(type: string): Promise<Json> {
		const found = () => `${JSON.stringify(this.messages)}\n${this.received.slice(0, 2000)}`;
		return eventually(type, () => this.messages.find((message) => message.type === type), found);
	}

	/** Waits for the server to close the connection; returns everything received. */
	async waitUntilClosed(): Promise<string> {
		await eventually("the connection closed", () => this.closed);
		return this.received;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.destroy();
	}
}
