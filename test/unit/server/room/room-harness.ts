import type { LogEntry } from "../../../../lib/server/log/logger.ts";
import { History } from "../../../../lib/server/room/history.ts";
import type { Batch } from "../../../../lib/server/room/history-entry.ts";
import type { Member } from "../../../../lib/server/room/member.ts";
import { Room } from "../../../../lib/server/room/room.ts";
import { type SequencedEvent, sequenced } from "../../../../lib/wire/messages/events.ts";
import type { Roster, Told } from "../../../../lib/wire/messages/messages.ts";
import { TestClient } from "./test-client.ts";

/** Forgets nothing. */
class WholeLog extends History {
	readonly events: SequencedEvent[] = [];
	/** Private messages too, each with its author and its reader. */
	readonly entries: { event: SequencedEvent | Told; parties: readonly Member[] }[] = [];

	override append(batch: Batch): void {
		for (const [i, roomEvent] of JSON.parse(batch.events).entries()) {
			const event = sequenced(roomEvent, batch.seq + i, batch.at);
			this.events.push(event);
			this.entries.push({ event, parties: [] });
		}
		super.append(batch);
	}

	override appendPrivate(told: string, author: Member, reader: Member): void {
		this.entries.push({ event: JSON.parse(told), parties: [author, reader] });
		super.appendPrivate(told, author, reader);
	}
}

export interface RoomHarnessOptions {
	maxMembers?: number;
	/** Milliseconds. With a grace of 0, a member whose connection breaks has left. */
	grace?: number;
	/** Milliseconds that the room waits with nobody connected. */
	desertedGrace?: number;
	awayAfter?: number;
	/** How many events the room keeps for members that come back, and how many newcomers get. */
	logEvents?: number;
	/** Of memory that these take. */
	logBytes?: number;
	newcomerEvents?: number;
}

/** A room whose time and turns a test controls. */
export class RoomHarness {
	now = 1000;
	/** How far the wall clock is ahead, in milliseconds. */
	wallAhead = 0;
	/** What the operator's log was given. */
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
		desertedGrace = Number.POSITIVE_INFINITY,
		awayAfter = 15_000,
		logEvents = 10_000,
		logBytes = Number.MAX_SAFE_INTEGER,
		newcomerEvents = 0,
	}: RoomHarnessOptions = {}) {
		this.#log = new WholeLog(logEvents, logBytes);
		this.room = new Room({
			history: this.#log,
			newcomerEvents,
			maxMembers,
			fullCode: "room_full",
			grace,
			desertedGrace,
			awayAfter,
			now: () => this.now,
			wallNow: () => this.now + this.wallAhead,
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

	/** Everything that was sent to all, from the room's history. */
	get events(): SequencedEvent[] {
		return this.#log.events;
	}

	/** The author and the reader of every private message. */
	get privateParties(): (readonly Member[])[] {
		return this.#log.entries.map(({ parties }) => parties).filter(({ length }) => length > 0);
	}

	/** The names in the room, welcomed or not, in order of joining, by the operator's log. */
	get here(): string[] {
		const here = new Set<string>();
		for (const entry of this.recorded) {
			if (entry.event === "joined") here.add(entry.name);
			if (entry.event === "left") here.delete(entry.name);
		}
		return [...here];
	}

	/** Everything after event `from` that the member should receive. */
	dueTo({ member }: TestClient, from: number): (SequencedEvent | Told)[] {
		const due = this.#log.entries.filter(({ event, parties }) =>
			event.type === "told" ? member && parties.includes(member) : event.seq > from,
		);
		return due.map(({ event }) => event);
	}

	/** Ends the turn. Anything that the end brings about belongs to the next turn. */
	turn(): void {
		for (const flush of this.#flushes.splice(0)) flush();
	}

	/** Lets time pass, lets the room check it, and sends what follows from that. */
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

	/** Lets a client in without asking whether the room admits it. */
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

	/** Tells the member whom the client knows by this name, unless a `visit` is given. */
	tell(
		client: TestClient,
		to: string,
		text: string,
		{ id = `id-${++this.#ids}`, visit = client.visits.get(to.toLowerCase()) } = {},
	): void {
		if (visit === undefined) throw new Error(`${client.name} was never told of ${to}`);
		this.room.tell(memberOf(client), { type: "tell", id, to, visit, text });
	}

	/** The client says how many private messages have arrived, as each of its pings does. */
	confirmPrivate(client: TestClient, count = client.privateCount): void {
		memberOf(client).confirmPrivate(count);
	}

	/** The client says something on its connection, which spends all resume tokens but the newest. */
	confirmToken(client: TestClient): void {
		this.room.members.confirm(memberOf(client));
		client.tokens = client.tokens.slice(-1);
	}

	/** What a member is told when it asks who is here. */
	who(client: TestClient): Roster["members"] {
		this.room.requestRoster(memberOf(client));
		this.turn();
		return client.toldOf("roster").at(-1)?.members ?? [];
	}

	/** The client's connection breaks. */
	lose(client: TestClient): void {
		client.hangUp();
	}

	depart(client: TestClient): void {
		this.room.leave(memberOf(client));
	}

	/** Comes back by a new connection; returns whether the room still knows the member. */
	resume(
		client: TestClient,
		{ token = client.token, seq = client.seq, heard = client.privateCount } = {},
	): boolean {
		const member = this.room.members.findByResumeToken(token);
		if (!member) return false;
		this.room.resume(member, { type: "resume", token, seq, private: heard }, client.connect());
		return true;
	}
}

/** The room's member for a client that has joined. */
export function memberOf({ member, name }: TestClient): Member {
	if (!member) throw new Error(`${name} never joined`);
	return member;
}
