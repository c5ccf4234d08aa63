import type { LogEntry } from "../../../../lib/server/log/logger.ts";
import { placeError } from "../../../../lib/server/room/admission.ts";
import { Room } from "../../../../lib/server/room/room.ts";
import type { OwnerRequests } from "../../../../lib/server/room/room-controls.ts";
import type { RoomMachine } from "../../../../lib/server/room/room-machine.ts";
import type { RoomSettings } from "../../../../lib/server/room-log/room-settings.ts";
import type { Member } from "../../../../lib/server/room-state/member.ts";
import type { MemberDirectory } from "../../../../lib/server/room-state/member-directory.ts";
import { reason } from "../../../../lib/wire/errors/reason.ts";
import {
	type RoomEvent,
	type SequencedEvent,
	sequenced,
} from "../../../../lib/wire/messages/events.ts";
import type { Roster, Told } from "../../../../lib/wire/messages/messages.ts";
import { TestClient } from "./test-client.ts";
import { replica, WitnessedLog } from "./witness.ts";

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
	/** By default every member is an owner, and can kick. */
	moderation?: OwnerRequests;
	/** Accounts. */
	owners?: string[];
	emailVisibility?: RoomSettings["emailVisibility"];
}

/** What the room told everybody, or two of its members by their visits. */
interface Witnessed {
	readonly event: SequencedEvent | Told;
	readonly parties: readonly string[];
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
	readonly log: WitnessedLog;
	/** Another server of the room, which forgets nothing. */
	readonly #witness: RoomMachine;
	readonly #flushes: (() => void)[] = [];
	#ids = 0;

	constructor({
		maxMembers = 100,
		grace = 0,
		desertedGrace,
		awayAfter = 15_000,
		logEvents = 10_000,
		logBytes = Number.MAX_SAFE_INTEGER,
		newcomerEvents = 0,
		moderation = kick,
		owners = [],
		emailVisibility = "hidden",
	}: RoomHarnessOptions = {}) {
		this.#witness = replica(moderation);
		const clocks = { now: () => this.now, wallNow: () => this.now + this.wallAhead };
		this.log = new WitnessedLog(clocks, (entry, stamp) => this.#witness.apply(entry, stamp));
		this.room = new Room({
			settings: {
				...{ maxMembers, grace, desertedGrace: desertedGrace ?? null, awayAfter, stay: false },
				...{ emailVisibility, owners, newcomerEvents, logEvents, logBytes },
				lease: null,
			},
			roomLog: this.log,
			...{ fullCode: "room_full", motd: undefined, moderation, now: clocks.now },
			atEndOfTurn: (flush) => {
				this.asked++;
				this.#flushes.push(flush);
			},
			log: (entry) => void this.recorded.push(entry),
			onStart: () => {},
			onEnd: () => {
				this.ended++;
			},
			onFailure: (error) => {
				throw error;
			},
		});
	}

	/** Everything that happened, in order. */
	get #witnessed(): Witnessed[] {
		return this.#witness.state.history.toJSON().entries.flatMap((entry): Witnessed[] => {
			if ("told" in entry) {
				return [{ event: JSON.parse(entry.told), parties: [entry.author[0], entry.reader[0]] }];
			}
			const events: RoomEvent[] = JSON.parse(entry.events);
			return events.map((event, i) => {
				return { event: sequenced(event, entry.seq + i, entry.at), parties: [] };
			});
		});
	}

	/** Everything that was sent to all. */
	get events(): SequencedEvent[] {
		return this.#witnessed.flatMap(({ event }) => (event.type === "told" ? [] : [event]));
	}

	/** The visits of the author and the reader of every private message. */
	get privateParties(): (readonly string[])[] {
		return this.#witnessed.map(({ parties }) => parties).filter(({ length }) => length > 0);
	}

	/** The members after the last turn, in order of joining. */
	get members(): MemberDirectory {
		return this.#witness.state.members;
	}

	/** Their names. */
	get here(): string[] {
		return Array.from(this.members, ({ name }) => name);
	}

	/** Everything after event `from` that the member should receive. */
	dueTo({ member }: TestClient, from: number): (SequencedEvent | Told)[] {
		const due = this.#witnessed.filter(({ event, parties }) =>
			event.type === "told" ? member && parties.includes(member.visit) : event.seq > from,
		);
		return due.map(({ event }) => event);
	}

	/** Ends the turn. Anything that the end brings about belongs to the next turn. */
	turn(): void {
		for (const flush of this.#flushes.splice(0)) flush();
	}

	/** Ends the turn, lets time pass, lets the room check it, and sends what follows from that. */
	pass(milliseconds: number): void {
		this.turn();
		this.now += milliseconds;
		this.room.tick();
		this.turn();
	}

	/** Why the room would not admit a client after this turn, or null. */
	admissionError(client: TestClient): { code: string; text: string } | null {
		this.turn();
		return placeError(this.#witness.state, client, "room_full");
	}

	/** Somebody asks for a place; the room admits or denies it when the turn ends. */
	join(name: string, account = name): TestClient {
		const client = new TestClient(this, name, account);
		this.room.applications.join(client, client.link);
		return client;
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
		this.room.request(memberOf(client), { type: "say", id, text });
		spendTokens(client);
	}

	/** Tells the member whom the client knows by this name, unless a `visit` is given. */
	tell(
		client: TestClient,
		to: string,
		text: string,
		{ id = `id-${++this.#ids}`, visit = client.visits.get(to.toLowerCase()) } = {},
	): void {
		if (visit === undefined) throw new Error(`${client.name} was never told of ${to}`);
		this.room.request(memberOf(client), { type: "tell", id, to, visit, text });
		spendTokens(client);
		this.room.flush();
	}

	/** An owner removes a member. */
	kick(by: TestClient, client: TestClient): void {
		const { name, visit } = memberOf(client);
		this.room.request(memberOf(by), { type: "kick", name, visit });
		this.room.flush();
	}

	/** The client says how many private messages have arrived, as each of its pings does. */
	confirmPrivate(client: TestClient, count = client.privateCount): void {
		this.room.confirm(memberOf(client));
		this.room.ping(memberOf(client), count);
		spendTokens(client);
		this.room.flush();
	}

	/** The client uses its connection, which spends all resume tokens but the newest. */
	confirmToken(client: TestClient): void {
		this.confirmPrivate(client, 0);
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
		client.denied = undefined;
		client.used = token;
		this.room.applications.resume({ type: "resume", token, seq, private: heard }, client.connect());
		this.room.flush();
		return client.denied === undefined;
	}
}

/** The room's member for a client that has joined. */
export function memberOf({ member, name }: TestClient): Member {
	if (!member) throw new Error(`${name} never joined`);
	return member;
}

/** A client that uses its connection can come back with the newest token alone. */
function spendTokens(client: TestClient): void {
	client.tokens = client.tokens.slice(-1);
}

/** Here every member is an owner, and can do one thing. */
const kick: OwnerRequests = {
	handle(room, { name: by }, message) {
		if (message.type !== "kick") return;
		const member = room.state.members.findVisit(message.name, message.visit);
		if (member) room.kick(member, reason("kicked", by));
	},
	banEdits: () => null,
};
