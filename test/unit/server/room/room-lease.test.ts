import { describe, expect, test } from "bun:test";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import type { RoomMachine } from "../../../../lib/server/room/room-machine.ts";
import type { Change } from "../../../../lib/server/room-log/entry.ts";
import { replica } from "./witness.ts";

// A server takes another for dead. Whether it is, the log's time decides where the entry has its place.

const moderation = new Moderation({
	bans: new BanList("/nowhere", () => {}),
	devices: null,
	warn: () => {},
});

const LEASE = 10_000;
const START: Change = {
	kind: "start",
	settings: {
		...{ maxMembers: 5, grace: 60_000, desertedGrace: null, awayAfter: 15_000, stay: true },
		...{ emailVisibility: "hidden", owners: [], newcomerEvents: 0, logEvents: 20 },
		...{ logBytes: 20_000, lease: LEASE },
	},
	prefix: "v",
};
const ANN: Change = { kind: "join", attempt: 1, name: "ann", account: "ann@x.org", token: "t" };
const said = (id: string): Change => ({
	...{ kind: "request", visit: "v0", generation: 1 },
	message: { type: "say", id, text: "hello" },
});

/** A room of two servers, with a member at `a`. */
class TwoServers {
	readonly room: RoomMachine = replica(moderation);
	readonly #counts = new Map<string, number>();

	constructor() {
		this.apply("a", 0, START, ANN);
		this.apply("b", 0, START);
	}

	/** The next entry of a server, at a time of the log. */
	apply(server: string, time: number, ...changes: Change[]): void {
		const n = (this.#counts.get(server) ?? 0) + 1;
		this.#counts.set(server, n);
		this.room.apply({ server, n, changes }, { at: 1_000_000 + time, time });
	}

	get living(): string[] {
		return this.room.state.servers.living;
	}

	get isOnline(): boolean {
		return this.room.state.members.findByAccount("ann@x.org")?.offlineSince === null;
	}
}

const dead = (server: string): Change => ({ kind: "dead", server });

describe("a server that another takes for dead", () => {
	test.each([0, 1, LEASE / 2, LEASE - 1])("lives on when it was heard %d ms ago", (time) => {
		const servers = new TwoServers();
		servers.apply("b", time, dead("a"));
		expect(servers.living).toEqual(["a", "b"]);
		expect(servers.isOnline).toBe(true);
		const { lastSeq } = servers.room.state.history;
		servers.apply("a", time, said("1"));
		expect(servers.room.state.history.lastSeq).toBe(lastSeq + 1);
	});

	test("lives on when it was heard between the proposal and its place in the log", () => {
		const servers = new TwoServers();
		servers.apply("a", LEASE + 5, { kind: "beat" });
		servers.apply("b", LEASE + 6, dead("a"));
		expect(servers.living).toEqual(["a", "b"]);
		expect(servers.isOnline).toBe(true);
	});

	test.each([LEASE, LEASE + 1, 5 * LEASE])("is dead when it was silent for %d ms", (time) => {
		const servers = new TwoServers();
		servers.apply("b", time, dead("a"));
		expect(servers.living).toEqual(["b"]);
		expect(servers.isOnline).toBe(false);
		const { lastSeq } = servers.room.state.history;
		servers.apply("a", time, said("1"));
		expect(servers.room.state.history.lastSeq).toBe(lastSeq);
	});

	test("is dead at once when it says so itself", () => {
		const servers = new TwoServers();
		servers.apply("a", 1, dead("a"));
		expect(servers.living).toEqual(["b"]);
		expect(servers.isOnline).toBe(false);
	});
});
