import type { LogEntry } from "../../../../lib/server/log/logger.ts";
import { type Batch, History } from "../../../../lib/server/room/history.ts";
import type { Identity, Link, Member } from "../../../../lib/server/room/member.ts";
import { Room } from "../../../../lib/server/room/room.ts";
import { Fernet } from "../../../../lib/wire/fernet.ts";
import {
	type BatchHeader,
	type OpenedBatch,
	type RoomEvent,
	type Roster,
	readBatch,
	readServerMessage,
	type SequencedEvent,
	type ServerMessage,
	sequenced,
	type Told,
} from "../../../../lib/wire/messages.ts";

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

/** Remembers everything. */
class WholeLog extends History {
	readonly events: SequencedEvent[] = [];
	/** Private lines too, each with those it was told. */
	readonly entries: { event: SequencedEvent | Told; parties: readonly Member[] }[] = [];

	override append(batch: Batch): void {
		for (const [i, roomEvent] of JSON.parse(batch.events).entries()) {
			const event = sequenced(roomEvent, batch.seq + i, batch.at);
			this.events.push(event);
			this.entries.push({ event, parties: [] });
		}
		super.append(batch);
	}

	override appendPrivate(told: Told, parties: readonly Member[]): void {
		this.entries.push({ event: told, parties });
		super.appendPrivate(told, parties);
	}
}

export interface RoomHarnessOptions {
	maxMembers?: number;
	/** Milliseconds. Without a grace, who is lost has left. */
	grace?: number;
	awayAfter?: number;
	/** Events that the room can give to who comes back. */
	logEvents?: number;
}

/** A room whose time and turns a test controls. */
export class RoomHarness {
	now = 1000;
	/** What the owner was told. */
	readonly recorded: LogEntry[] = [];
	/** How often the room has ended, and how often it has asked for the end of a turn. */
	ended = 0;
	asked = 0;
	readonly room: Room;
	readonly #log: WholeLog;
	readonly #flushes: (() => void)[] = [];
	#ids = 0;

	constructor({
		maxMembers = 100,
		grace = 0,
		awayAfter = 15_000,
		logEvents = 10_000,
	}: RoomHarnessOptions = {}) {
		this.#log = new WholeLog(logEvents, Number.MAX_SAFE_INTEGER);
		this.room = new Room({
			history: this.#log,
			maxMembers,
			grace,
			awayAfter,
			now: () => this.now,
			atEndOfTurn: (flush) => {
				this.asked++;
				this.#flushes.push(flush);
			},
			log: (entry) => void this.recorded.push(entry),
			...{ owners: new Set<string>(), title: undefined, motd: undefined },
			onEmpty: () => {
				this.ended++;
			},
		});
	}

	/** Everything that has been told to all, as the room's log has it. */
	get events(): SequencedEvent[] {
		return this.#log.events;
	}

	/** Who is in the room, welcomed or not, by what its owner was told, in the order they came. */
	get here(): string[] {
		const here = new Set<string>();
		for (const entry of this.recorded) {
			if (entry.event === "joined") here.add(entry.name);
			if (entry.event === "left") here.delete(entry.name);
		}
		return [...here];
	}

	/** All of it after an event that is a member's to hear. */
	dueTo({ member }: TestClient, from: number): (SequencedEvent | Told)[] {
		const due = this.#log.entries.filter(({ event, parties }) =>
			event.type === "told" ? member && parties.includes(member) : event.seq > from,
		);
		return due.map(({ event }) => event);
	}

	/** Ends the turn. What the end of it brings about belongs to the next. */
	turn(): void {
		for (const flush of this.#flushes.splice(0)) flush();
	}

	/** Lets time pass, and the room look at it; what that brings about is told. */
	pass(milliseconds: number): void {
		this.now += milliseconds;
		this.room.tick();
		this.turn();
	}

	join(name: string, account = name): TestClient {
		const client = new TestClient(this, name, account);
		const error = this.room.admissionError(client);
		if (error) throw new Error(error.code);
		this.enter(client);
		return client;
	}

	/** Lets in whoever is no error. */
	enter(client: TestClient): void {
		client.member = this.room.join(client, client.link);
	}

	/** A room with these members, welcomed one after the other. */
	static of(...names: string[]): { harness: RoomHarness; clients: TestClient[] } {
		return RoomHarness.with({}, ...names);
	}

	static with(
		options: RoomHarnessOptions,
		...names: string[]
	): { harness: RoomHarness; clients: TestClient[] } {
		const harness = new RoomHarness(options);
		const clients = names.map((name) => {
			const client = harness.join(name);
			harness.turn();
			return client;
		});
		return { harness, clients };
	}

	say(client: TestClient, text: string, id = `id-${++this.#ids}`): void {
		this.room.say(memberOf(client), { type: "say", id, text });
	}

	tell(client: TestClient, to: string, text: string, id = `id-${++this.#ids}`): void {
		this.room.tell(memberOf(client), { type: "tell", id, to, text });
	}

	/** What a member is told when it asks who is here. */
	who(client: TestClient): Roster["members"] {
		this.room.requestRoster(memberOf(client));
		this.turn();
		return client.toldOf("roster").at(-1)?.members ?? [];
	}

	/** Its connection breaks. */
	lose(client: TestClient): void {
		client.hangUp();
	}

	depart(client: TestClient): void {
		this.room.leave(memberOf(client));
	}

	/** Comes back by a new connection, as a session lets it; whether the room still knows it. */
	resume(
		client: TestClient,
		{
			token = client.token,
			seq = client.seq,
			told = client.whispers.length + client.lost.told,
		} = {},
	): boolean {
		const member = this.room.members.findByResumeToken(token);
		if (!member) return false;
		this.room.resume(member, { type: "resume", token, seq, told }, client.connect());
		return true;
	}
}

type Move = Extract<SequencedEvent, { type: "joined" | "left" | "away" | "back" }>;
const isMove = (event: SequencedEvent): event is Move =>
	["joined", "left", "away", "back"].includes(event.type);

function memberOf({ member, name }: TestClient): Member {
	if (!member) throw new Error(`${name} never joined`);
	return member;
}
