import type { RedisLog } from "../../../../lib/server/redis-log/redis-log.ts";
import type { Candidate } from "../../../../lib/server/room/candidate.ts";
import { Room } from "../../../../lib/server/room/room.ts";
import type { RoomSettings } from "../../../../lib/server/room-log/room-settings.ts";
import type { Member } from "../../../../lib/server/room-state/member.ts";
import type { ServerMessage } from "../../../../lib/wire/messages/messages.ts";
import { eventually } from "../../../support/eventually.ts";
import type { RedisRooms } from "../room-log/all-logs.ts";
import type { Place } from "../room-log/logs.ts";

const SETTINGS: RoomSettings = {
	...{ maxMembers: 10_000, grace: 60_000, desertedGrace: null, awayAfter: 15_000, stay: true },
	...{ emailVisibility: "hidden", owners: [], newcomerEvents: 0, logEvents: 1000 },
	...{ logBytes: 10_000_000, lease: 10_000 },
};

/** One server's room, over a log in Redis that others share. */
export class SharedRoom {
	/** What this server finds wrong. */
	readonly failures: string[] = [];
	/** The operator's log: what happened, and whom it is about. */
	readonly logged: string[] = [];
	readonly room: Room;
	hasStarted = false;

	private constructor(
		readonly log: RedisLog,
		settings: Partial<RoomSettings>,
	) {
		this.room = new Room({
			settings: { ...SETTINGS, ...settings },
			...{ roomLog: log, fullCode: "room_full", motd: undefined },
			moderation: { handle: () => {}, banEdits: () => null },
			now: () => performance.now(),
			atEndOfTurn: (flush) => void setImmediate(flush),
			log: (entry) => void this.logged.push(`${entry.event} ${Object(entry).name}`),
			onStart: () => {
				this.hasStarted = true;
			},
			onEnd: () => {},
			onFailure: ({ message }) => void this.failures.push(message),
		});
	}

	static async open(
		rooms: RedisRooms,
		place: Place,
		settings: Partial<RoomSettings> = {},
		port?: number,
	): Promise<SharedRoom> {
		const shared = new SharedRoom(await rooms.log(place, port), settings);
		await eventually("a start", () => shared.hasStarted || shared.failures.length > 0);
		return shared;
	}

	/** Somebody asks for a place here. */
	join(name: string, account = name): Visitor {
		const visitor = new Visitor(this, name);
		this.room.applications.join({ name, account: `${account}@gmail.com` }, visitor.connect());
		return visitor;
	}

	get names(): string[] {
		return this.room.snapshot().members.map(({ name }) => name);
	}

	/** This server stops. */
	async close(): Promise<void> {
		this.room.close();
		await this.log.close();
	}
}

/** Somebody who wants to be a member, and what the server has told them. */
export class Visitor {
	readonly told: ServerMessage[] = [];
	/** The lines under the room key, still sealed. */
	readonly lines: string[] = [];
	member: Member | undefined;
	denied: string | undefined;
	closed: string | undefined;

	constructor(
		readonly at: SharedRoom,
		readonly name: string,
	) {}

	connect(): Candidate {
		const isGone = () => this.denied !== undefined || this.closed !== undefined;
		const candidate: Candidate = {
			ip: "192.0.2.1",
			get isGone() {
				return isGone();
			},
			admit: (member) => {
				this.member = member;
				return true;
			},
			deny: ({ code }) => {
				this.denied = code;
			},
			send: (message) => void this.told.push(message),
			sendJson: (json) => void this.told.push(JSON.parse(json)),
			sendRaw: (lines) => void this.lines.push(lines.toString("latin1")),
			whenReady: (action) => void setImmediate(action),
			close: ({ code }) => {
				this.closed = code;
			},
		};
		return candidate;
	}

	/** `welcome`, `resumed`, or why there is neither. */
	answered(): Promise<string> {
		const seen = () =>
			this.denied ?? this.told.find(({ type }) => ["welcome", "resumed"].includes(type))?.type;
		return eventually(`an answer for ${this.name}`, seen);
	}

	get token(): string {
		const given = this.told.flatMap((each) => ("resume" in each ? [String(each.resume)] : []));
		return given.at(-1) ?? "";
	}

	/** Comes back by way of a server; it has heard everything up to `seq`. */
	resume(at: SharedRoom, seq: number, token = this.token): Visitor {
		const visitor = new Visitor(at, this.name);
		const request = { type: "resume", token, seq, private: 0 } as const;
		at.room.applications.resume(request, visitor.connect());
		return visitor;
	}
}
