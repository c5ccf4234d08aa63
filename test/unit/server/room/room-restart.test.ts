import { expect, test } from "bun:test";
import type { RoomMachine } from "../../../../lib/server/room/room-machine.ts";
import type { Change, RoomSettings } from "../../../../lib/server/room-log/entry.ts";
import { replica } from "./witness.ts";

// What the next server of a room makes of it.

const HOUR = 3_600_000;
const SETTINGS: RoomSettings = {
	...{ maxMembers: 9, grace: 60_000, desertedGrace: 40_000, awayAfter: 15_000, stay: false },
	...{ owners: [], newcomerEvents: 0, logEvents: 9, logBytes: 9999 },
};

/** Ann joined a room when its log's time was 0; its server was killed a second later. */
function left(title?: string): RoomMachine {
	const room = replica({ handle() {}, editsOf: () => null });
	const start = { kind: "start", settings: { ...SETTINGS, title }, seed: 1, prefix: "v" } as const;
	const ann = { kind: "join", attempt: 1, name: "ann", account: "ann@x.org", token: "t" } as const;
	room.apply({ server: "a", n: 1, changes: [start] }, { at: HOUR, time: 0 });
	room.apply({ server: "a", n: 2, changes: [ann] }, { at: HOUR, time: 0 });
	return room;
}

/** Another server begins after a time in which there was none. */
function begin(room: RoomMachine, down: number, settings: Partial<RoomSettings> = {}): void {
	const changes: Change[] = [
		{ kind: "dead", server: "a" },
		{ kind: "start", settings: { ...SETTINGS, ...settings }, seed: 2, prefix: "w" },
	];
	room.apply({ server: "b", n: 1, changes }, { at: HOUR + 1000 + down, time: 1000 });
}

test.each([0, 1000, 24 * HOUR])(
	"after %i ms without a server, members are here for as long as it is",
	(down) => {
		const room = left();
		begin(room, down);
		expect(room.state.members.rosterAt(room.state.stamp).members).toMatchObject([{ since: HOUR }]);
	},
);

test.each([0, HOUR, 24 * HOUR])(
	"after %i ms without a server, everybody still has all of the grace",
	(down) => {
		const room = left();
		begin(room, down);
		const expire: Change = { kind: "left", visit: "v0", generation: 1, code: "grace_expired" };
		const after = (elapsed: number) => ({ at: 2 * HOUR + down + elapsed, time: 1000 + elapsed });
		room.apply({ server: "b", n: 2, changes: [expire] }, after(39_999));
		expect(room.state.members.size).toBe(1);
		room.apply({ server: "b", n: 3, changes: [expire] }, after(40_000));
		expect([room.state.members.size, room.state.hasEnded]).toEqual([0, true]);
	},
);

test("a title that owners gave stays, unless the operator starts the server with another", () => {
	for (const [before, given, now, expected] of [
		[undefined, undefined, undefined, undefined],
		["old", undefined, "old", "old"],
		["old", "owners'", "old", "owners'"],
		["old", "owners'", "new", "new"],
		["old", "owners'", undefined, undefined],
		[undefined, "owners'", undefined, "owners'"],
	]) {
		const room = left(before);
		if (given !== undefined) room.state.title = given;
		begin(room, HOUR, { title: now });
		expect(room.state.title).toBe(expected);
	}
});

test("visits go on counting, and names, places and settings are those of the new server's room", () => {
	const room = left();
	begin(room, HOUR, { maxMembers: 2 });
	const join = (name: string): Change => ({
		...{ kind: "join", attempt: 1, name, account: `${name}@x.org`, token: name },
	});
	const changes = [join("bob"), join("carol")];
	room.apply({ server: "b", n: 2, changes }, { at: 3 * HOUR, time: 2000 });
	expect(Array.from(room.state.members, ({ visit, name }) => [visit, name])).toEqual([
		["v0", "ann"],
		["v1", "bob"],
	]);
});
