import type { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import { Room } from "../../../../lib/server/room/room.ts";
import { MemoryLog } from "../../../../lib/server/room-log/memory-log.ts";
import {
	type RoomEvent,
	type SequencedEvent,
	sequenced,
} from "../../../../lib/wire/messages/events.ts";
import { RoomHarness } from "../room/room-harness.ts";
import type { TestClient } from "../room/test-client.ts";

const MANY = Number.MAX_SAFE_INTEGER;

/** A room whose time and turns a test controls, and that its owners can moderate. */
export class ModeratedHarness extends RoomHarness {
	override readonly room: Room;
	readonly #flushes: (() => void)[] = [];

	/** `owners` are accounts. */
	constructor(moderation: Moderation, owners: string[]) {
		super();
		const clocks = { now: () => this.now, wallNow: () => this.now };
		this.room = new Room({
			settings: {
				...{ maxMembers: 100, grace: 60_000, desertedGrace: null, awayAfter: 15_000, stay: false },
				...{ owners, newcomerEvents: 0, logEvents: MANY, logBytes: MANY },
			},
			roomLog: new MemoryLog(clocks),
			...{ fullCode: "room_full", motd: undefined, moderation, now: clocks.now },
			atEndOfTurn: (flush) => void this.#flushes.push(flush),
			log: (entry) => void this.recorded.push(entry),
			onEnd: () => {
				this.ended++;
			},
		});
	}

	override turn(): void {
		for (const flush of this.#flushes.splice(0)) flush();
	}

	/** Somebody joins, and is welcomed. */
	enter(name: string, account = name): TestClient {
		const client = this.join(name, account);
		this.turn();
		return client;
	}

	/** Everything that was sent to all. */
	override get events(): SequencedEvent[] {
		return this.room.snapshot().history.entries.flatMap((entry) => {
			if ("told" in entry) return [];
			const events: RoomEvent[] = JSON.parse(entry.events);
			return events.map((event, i) => sequenced(event, entry.seq + i, entry.at));
		});
	}

	/** The names in the room after this turn, in order of joining. */
	override get here(): string[] {
		this.turn();
		return this.room.snapshot().members.map(({ name }) => name);
	}
}
