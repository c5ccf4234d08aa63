import type { Identity, Link, Member } from "../../../../lib/server/room/member.ts";
import { Fernet } from "../../../../lib/wire/fernet.ts";
import {
	type BatchHeader,
	type OpenedBatch,
	type RoomEvent,
	readBatch,
	readServerMessage,
	type SequencedEvent,
	type ServerMessage,
	type Told,
} from "../../../../lib/wire/messages.ts";
import type { RoomHarness } from "./room-harness.ts";

/**
 * A member that hears the room as a client must: it opens what comes with the newest key that its
 * connection was told and no other, and will have each event once and in order. Anything else throws.
 */
export class TestClient implements Identity {
	readonly account: string;
	readonly shownEmail = undefined;
	/** Its place in the room, once it has joined. */
	member: Member | undefined;
	/** Its connection; the newest of those it had. */
	link: Link;
	/** Under the session key, and under the room key, each in order. */
	readonly told: ServerMessage[] = [];
	readonly lines: Buffer[] = [];
	/** What was in those lines, as it was sent. */
	readonly batches: OpenBatch[] = [];
	readonly events: SequencedEvent[] = [];
	/** Private lines, each once. */
	readonly whispers: Told[] = [];
	/** Events and private lines as they came. */
	readonly heard: (SequencedEvent | Told)[] = [];
	/** The codes it was dismissed with. */
	readonly dismissed: string[] = [];
	/** Every key it was ever told. */
	readonly keys: { epoch: number; key: string }[] = [];
	/** The last event it knows of. */
	seq = 0;
	/** Its resume token. */
	token = "";
	/** What it was told is lost for good. */
	readonly lost = { events: 0, told: 0 };
	/** Who is here, as far as it was told. */
	members: string[] = [];
	/** Who of them is away; a welcome does not tell it, so some may be. */
	away: string[] = [];
	perhapsAway: string[] = [];
	/** Its connection breaks at the next thing it is sent. */
	isBreaking = false;
	/** The epoch of a new key at which it broke, before it was sent what the key opens. */
	brokeAtKey: number | undefined;
	/** Connections that are no more. */
	readonly #closed = new Set<Link>();
	/** The key in force, as far as this connection was told. */
	#key: { epoch: number; key: string } | undefined;

	constructor(
		readonly harness: RoomHarness,
		readonly name: string,
		account = name,
	) {
		this.account = `${account}@gmail.com`;
		this.link = this.connect();
	}

	/** A new connection, which knows no key yet. */
	connect(): Link {
		this.#key = undefined;
		this.link = {
			ip: "192.0.2.1",
			send: (message) => {
				// A connection that broke at `resumed` does not keep the room from saying the rest.
				if (message.type === "missed" && this.#closed.has(link)) return;
				this.#on(link, () => this.#tell(message));
			},
			sendRaw: (line) => this.#on(link, () => this.#deliver(line)),
			close: ({ code }) => {
				this.dismissed.push(code);
				this.#closed.add(link);
			},
		};
		const { link } = this;
		return link;
	}

	get isConnected(): boolean {
		return !this.#closed.has(this.link);
	}

	/** What was told under the session key, of one type. */
	toldOf<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }>[] {
		return this.told.filter((message) => message.type === type) as Extract<
			ServerMessage,
			{ type: T }
		>[];
	}

	/** The texts it has heard said to all. */
	get texts(): string[] {
		return this.events.flatMap((event) => (event.type === "said" ? [event.text] : []));
	}

	/** What is in a line, if any key it was ever told opens it, whatever epoch the line names. */
	read(line: Buffer): SequencedEvent[] | null {
		const token = line.toString("latin1").trim().split(" ")[1] ?? "";
		for (const { key } of this.keys) {
			try {
				return open(token, key).events;
			} catch {
				// Another key, perhaps.
			}
		}
		return null;
	}

	canOpen(line: Buffer): boolean {
		return this.read(line) !== null;
	}

	/** Something comes by a connection. By one that we have left for another, it is lost on the way. */
	#on(link: Link, hear: () => void): void {
		if (this.#closed.has(link)) throw new Error(`${this.name} was told something after the end`);
		if (link !== this.link) return;
		hear();
		if (!this.isBreaking) return;
		this.isBreaking = false;
		if (this.told.at(-1)?.type === "rekey") this.brokeAtKey = this.#key?.epoch;
		this.#close(link);
	}

	#close(link: Link): void {
		this.#closed.add(link);
		if (this.member) this.harness.room.disconnect(this.member, link, "broken");
	}

	/** The connection is gone, without a word. */
	hangUp(): void {
		this.#close(this.link);
	}

	#tell(message: ServerMessage): void {
		this.told.push(readServerMessage(message));
		switch (message.type) {
			case "welcome":
				this.#learn(message);
				this.token = message.resume;
				this.seq = message.seq;
				this.members = [...message.members];
				this.perhapsAway = message.members.filter((name) => name !== this.name);
				return;
			case "resumed":
				this.#learn(message);
				this.token = message.resume;
				this.seq += message.lost.events;
				this.lost.events += message.lost.events;
				this.lost.told += message.lost.told;
				return;
			case "missed":
				for (const event of message.events) {
					if (event.type === "told") this.#whisper(event);
					else this.#hear(event);
				}
				return;
			case "rekey":
				return this.#learn(message);
			case "told":
				return this.#whisper(message);
		}
	}

	#deliver(line: Buffer): void {
		this.lines.push(line);
		const [, epoch, token = ""] = /^(\d+) (\S+)\n$/.exec(line.toString("latin1")) ?? [];
		const key = this.#key;
		if (!key || Number(epoch) !== key.epoch) throw new Error(`no key of epoch ${epoch} in force`);
		this.batches.push(inside(token, key.key));
		const { events, next } = open(token, key.key);
		for (const event of events) this.#hear(event);
		if (next) this.#learn(next);
	}

	#learn({ epoch, key }: { epoch: number; key: string }): void {
		if (this.#key && epoch <= this.#key.epoch) throw new Error(`${epoch} after ${this.#key.epoch}`);
		const newest = this.keys.at(-1);
		if (newest && epoch < newest.epoch) throw new Error(`epoch ${epoch} after ${newest.epoch}`);
		this.#key = { epoch, key };
		// A new connection may be told what the one before it knew.
		if (newest?.epoch === epoch && newest.key === key) return;
		if (newest?.epoch === epoch) throw new Error(`two keys of epoch ${epoch}`);
		this.keys.push({ epoch, key });
	}

	#whisper(told: Told): void {
		if (this.whispers.some(({ id, from }) => id === told.id && from === told.from)) {
			throw new Error(`${told.from}'s ${told.id} was told again`);
		}
		this.whispers.push(told);
		this.heard.push(told);
	}

	#hear(event: SequencedEvent): void {
		if (event.seq !== this.seq + 1) throw new Error(`event ${event.seq} after ${this.seq}`);
		this.seq = event.seq;
		this.events.push(event);
		this.heard.push(event);
		// Who has a gap does not know who came and went in it.
		if (isMove(event) && this.lost.events === 0) this.#move(event);
	}

	#move({ type, name }: Move): void {
		const isHere = this.members.includes(name);
		const isAway = this.away.includes(name);
		const perhaps = this.perhapsAway.includes(name);
		const fits = {
			joined: !isHere,
			left: isHere,
			away: isHere && !isAway,
			back: isHere && (isAway || perhaps),
		};
		if (!fits[type]) throw new Error(`${name} ${type} again`);
		const others = (names: string[]): string[] => names.filter((each) => each !== name);
		this.perhapsAway = others(this.perhapsAway);
		this.away = others(this.away);
		if (type === "away") this.away.push(name);
		if (type === "joined") this.members.push(name);
		if (type === "left") this.members = others(this.members);
	}
}

/** What is in a token, as it is. */
function inside(token: string, key: string): OpenBatch {
	return JSON.parse(Buffer.from(new Fernet(key).decrypt(token)).toString());
}

const open = (token: string, key: string): OpenedBatch => readBatch(inside(token, key));

/** What is in a token under a room key. */
type OpenBatch = BatchHeader & { events: RoomEvent[] };

type Move = Extract<SequencedEvent, { type: "joined" | "left" | "away" | "back" }>;

const isMove = (event: SequencedEvent): event is Move =>
	["joined", "left", "away", "back"].includes(event.type);
