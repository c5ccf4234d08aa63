import type { Candidate } from "../../../../lib/server/room/candidate.ts";
import type { Link } from "../../../../lib/server/room-state/link.ts";
import type { Identity, Member } from "../../../../lib/server/room-state/member.ts";
import { Fernet } from "../../../../lib/wire/crypto/fernet.ts";
import {
	type BatchHeader,
	type OpenedBatch,
	readBatch,
} from "../../../../lib/wire/messages/batch.ts";
import type {
	RoomEvent,
	SequencedEvent,
	UnknownEvent,
} from "../../../../lib/wire/messages/events.ts";
import {
	readServerMessage,
	type ServerMessage,
	type Told,
} from "../../../../lib/wire/messages/messages.ts";
import { inflated } from "../../../support/wire-reader.ts";
import type { RoomHarness } from "./room-harness.ts";

/**
 * A member that reads the room as a client must: it opens everything with the newest key its
 * connection was told and no other, and takes each event once and in order, or throws.
 */
export class TestClient implements Identity {
	readonly account: string;
	readonly shownEmail = undefined;
	/** The room's member for it, once it has joined. */
	member: Member | undefined;
	/** The newest of its connections. */
	link: Candidate;
	/** The code of the last denial. */
	denied: string | undefined;
	/** What it received under the session key, and under the room key, each in order. */
	readonly told: ServerMessage[] = [];
	readonly lines: string[] = [];
	/** The contents of those lines, as they were sent. */
	readonly batches: OpenBatch[] = [];
	readonly events: SequencedEvent[] = [];
	/** Private lines, each once. */
	readonly whispers: Told[] = [];
	/** Events and private lines in the order they arrived. */
	readonly heard: (SequencedEvent | Told)[] = [];
	/** The codes that closed its connections. */
	readonly dismissed: string[] = [];
	/** Every key it was ever told. */
	readonly keys: { epoch: number; key: string }[] = [];
	/** The last event it knows of, and the last that is history to it: who came and went before it. */
	seq = 0;
	historyUntil = 0;
	/** The resume token with which it came back last, and those given since. */
	used: string | undefined;
	tokens: string[] = [];
	/** How much is lost for good, as far as it was told. */
	readonly lost = { events: 0, private: 0 };
	/** The names of the members here, as far as it was told. */
	members: string[] = [];
	/** The visit that it was told last for each name in lower case, here or gone. */
	readonly visits = new Map<string, string>();
	/** The name in every visit that it was ever told. */
	readonly met = new Map<string, string>();
	/** The names of the members that are away, as far as it was told. */
	away: string[] = [];
	/** Its connection breaks when the room sends it something next. */
	isBreaking = false;
	/** The epoch of the key at which its connection broke, before what that key opens. */
	brokeAtKey: number | undefined;
	/** Connections that have ended. */
	readonly #closed = new Set<Link>();
	/** Those that the room has closed. */
	readonly #dismissed = new Set<Link>();
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
	connect(): Candidate {
		this.#key = undefined;
		const isClosed = (): boolean => this.#closed.has(link);
		this.link = {
			ip: "192.0.2.1",
			get isGone() {
				return isClosed();
			},
			admit: (member) => {
				this.member = member;
				return !this.#closed.has(link);
			},
			deny: ({ code }) => {
				this.denied = code;
				this.#closed.add(link);
			},
			send: (message) => {
				this.#on(link, () => this.#tell(message));
			},
			sendJson: (json) => this.#on(link, () => this.#tell(JSON.parse(json))),
			// At once: what a member misses reaches it before anything else happens.
			whenReady: (action) => action(),
			sendRaw: (lines) =>
				this.#on(link, () => {
					for (const line of lines.toString("latin1").split(/(?<=\n)/)) this.#deliver(line);
				}),
			close: ({ code }) => {
				this.dismissed.push(code);
				this.#closed.add(link);
				this.#dismissed.add(link);
			},
		};
		const { link } = this;
		return link;
	}

	/** Its newest resume token. */
	get token(): string {
		return this.tokens.at(-1) ?? "";
	}

	/** How many private messages have arrived in this visit, with those that are lost. */
	get privateCount(): number {
		return this.whispers.length + this.lost.private;
	}

	get isConnected(): boolean {
		return !this.#closed.has(this.link);
	}

	/** All messages of one type that it received under the session key. */
	toldOf<T extends ServerMessage["type"]>(type: T): Extract<ServerMessage, { type: T }>[] {
		return this.told.filter((message) => message.type === type) as Extract<
			ServerMessage,
			{ type: T }
		>[];
	}

	/** The texts that members said to all, as far as it received them. */
	get texts(): string[] {
		return this.events.flatMap((event) => (event.type === "said" ? [event.text] : []));
	}

	/** The events in a line, if any key it ever got opens it, whatever epoch it names. */
	read(line: string): SequencedEvent[] | null {
		const token = line.trim().split(" ")[1] ?? "";
		for (const { key } of this.keys) {
			try {
				return open(token, key).events;
			} catch {
				// Another key may open it.
			}
		}
		return null;
	}

	canOpen(line: string): boolean {
		return this.read(line) !== null;
	}

	/** Receives something; on a connection the client replaced, it gets lost on the way. */
	#on(link: Link, hear: () => void): void {
		if (this.#dismissed.has(link)) throw new Error(`${this.name} was told something after the end`);
		// The room learns of the break of a connection when the turn ends.
		if (this.#closed.has(link) || link !== this.link) return;
		hear();
		if (!this.isBreaking) return;
		this.isBreaking = false;
		if (isInBroadcast(this.told.at(-1))) this.brokeAtKey = this.#key?.epoch;
		this.#close(link);
	}

	#close(link: Link): void {
		this.#closed.add(link);
		if (this.member) this.harness.room.disconnect(this.member, link, "broken");
	}

	/** Its connection ends without a goodbye. */
	hangUp(): void {
		this.#close(this.link);
	}

	#tell(message: ServerMessage): void {
		this.told.push(readServerMessage(message));
		switch (message.type) {
			case "welcome":
				this.#learn(message);
				this.tokens = [message.resume];
				this.seq = message.seq;
				this.historyUntil = message.history?.until ?? message.seq;
				for (const [name, visit] of message.members) this.#meet(name, visit);
				this.members = message.members.map(([name]) => name);
				this.away = (message.away ?? []).map(([visit]) => this.met.get(visit) ?? visit);
				return;
			case "resumed":
				this.#learn(message);
				this.tokens = this.tokens.slice(this.tokens.indexOf(this.used ?? ""));
				this.tokens.push(message.resume);
				this.seq += message.lost.events;
				this.lost.events += message.lost.events;
				this.lost.private += message.lost.private;
				return;
			case "replay":
				for (const event of message.events) {
					if (event.type === "told") this.#whisper(event);
					else this.#hear(known(event));
				}
				return;
			case "rekey":
				return this.#learn(message);
			case "told":
				return this.#whisper(message);
		}
	}

	#deliver(line: string): void {
		this.lines.push(line);
		const [, epoch, token = ""] = /^(\d+) (\S+)\n$/.exec(line) ?? [];
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
		// The room may tell a new connection what the earlier one knew.
		if (newest?.epoch === epoch && newest.key === key) return;
		if (newest?.epoch === epoch) throw new Error(`two keys of epoch ${epoch}`);
		this.keys.push({ epoch, key });
	}

	/** A visit is another each time, whoever had the name before. */
	#meet(name: string, visit: string): void {
		if (this.met.has(visit)) throw new Error(`${name} has a visit that was there before`);
		this.met.set(visit, name);
		this.visits.set(name.toLowerCase(), visit);
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
		if (event.seq <= this.historyUntil) return;
		if (event.type === "joined") this.#meet(event.name, event.visit);
		// A client that missed events does not know who came and went in the gap.
		if (isMove(event) && this.lost.events === 0) this.#move(event);
	}

	#move({ type, name }: Move): void {
		const isHere = this.members.includes(name);
		const isAway = this.away.includes(name);
		const fits = {
			joined: !isHere,
			left: isHere,
			away: isHere && !isAway,
			back: isHere && isAway,
		};
		if (!fits[type]) throw new Error(`${name} ${type} again`);
		const others = (names: string[]): string[] => names.filter((each) => each !== name);
		this.away = others(this.away);
		if (type === "away") this.away.push(name);
		if (type === "joined") this.members.push(name);
		if (type === "left") this.members = others(this.members);
	}
}

/** The contents of a token, unchecked. */
function inside(token: string, key: string): OpenBatch {
	return JSON.parse(inflated(new Fernet(key).decrypt(token)).toString());
}

/** A batch of which every event is known to us. */
type KnownBatch = OpenedBatch & { events: SequencedEvent[] };

function open(token: string, key: string): KnownBatch {
	const batch = readBatch(inside(token, key));
	return { ...batch, events: batch.events.map(known) };
}

function known<T extends { type: string }>(event: T): Exclude<T, UnknownEvent> {
	if (event.type === "unknown") throw new Error("an event of a type that does not exist");
	return event as Exclude<T, UnknownEvent>;
}

/** The contents of a token under a room key. */
type OpenBatch = BatchHeader & { events: RoomEvent[] };

/** Whether a message may come with a batch: the connection then breaks before that. */
const isInBroadcast = (message: ServerMessage | undefined): boolean =>
	["rekey", "unconfirmed", "refused"].includes(message?.type ?? "");

type Move = Extract<SequencedEvent, { type: "joined" | "left" | "away" | "back" }>;

const isMove = (event: SequencedEvent): event is Move =>
	["joined", "left", "away", "back"].includes(event.type);
