import { Outlet } from "../../../../lib/server/room/outlet.ts";
import { Proposals } from "../../../../lib/server/room/proposals.ts";
import { RoomMachine } from "../../../../lib/server/room/room-machine.ts";
import type { RoomOptions } from "../../../../lib/server/room/room-options.ts";
import type { Change, Entry } from "../../../../lib/server/room-log/entry.ts";
import { LogClock } from "../../../../lib/server/room-log/log-clock.ts";
import { MemoryLog } from "../../../../lib/server/room-log/memory-log.ts";
import type { LogReader } from "../../../../lib/server/room-log/room-log.ts";
import { RoomState } from "../../../../lib/server/room-state/room-state.ts";
import type { Clocks } from "../../../../lib/util/clock.ts";

export const clockOf = (clocks: Clocks): LogClock => new LogClock(clocks, () => {});

/** A server of the room that nobody is connected to. */
export function replica(
	moderation: RoomOptions["moderation"],
	state = new RoomState(),
	log: RoomOptions["log"] = () => {
		throw new Error("a replica has nothing to log but faults");
	},
	proposals = new Proposals(),
): RoomMachine {
	const nothing = (): never => {
		throw new Error("a replica has no connections");
	};
	const room: RoomOptions = {
		...{
			settings: state.settings,
			roomLog: new MemoryLog(clockOf({ now: () => 0, wallNow: () => 0 })),
		},
		...{ fullCode: "room_full", motd: undefined, moderation, now: () => 0, atEndOfTurn: nothing },
		...{ log, onStart: nothing, onEnd: () => {}, onFailure: nothing },
	};
	const outlet = new Outlet({
		state,
		room,
		onLost: nothing,
		onEnd: () => {},
		onCaughtUp: nothing,
		onDead: nothing,
	});
	return new RoomMachine({ state, outlet, proposals, room });
}

/** A log in memory, of which a witness sees every entry. The witness is told to forget nothing. */
export class WitnessedLog extends MemoryLog {
	readonly #witness: LogReader["apply"];
	/** It takes nothing for now. */
	isFull = false;
	/** What it did not take last. */
	refused: readonly Change[] = [];

	constructor(clocks: Clocks, witness: LogReader["apply"]) {
		super(clockOf(clocks));
		this.#witness = witness;
	}

	override append(entry: Entry): boolean {
		if (!this.isFull) return super.append(entry);
		this.refused = entry.changes;
		return false;
	}

	override open(reader: LogReader): void {
		super.open({
			restore: () => {},
			snapshot: () => null,
			apply: (entry, stamp) => {
				const changes = JSON.parse(JSON.stringify(entry.changes)).map(remembering);
				this.#witness({ ...entry, changes }, stamp);
				reader.apply(entry, stamp);
			},
		});
	}
}

const remembering = (change: Change): Change => {
	if (change.kind !== "start") return change;
	const unlimited = { logEvents: Number.MAX_SAFE_INTEGER, logBytes: Number.MAX_SAFE_INTEGER };
	return { ...change, settings: { ...change.settings, ...unlimited } };
};
