import { expect, test } from "bun:test";
import type { RoomMachine } from "../../../../lib/server/room/room-machine.ts";
import type { Change } from "../../../../lib/server/room-log/entry.ts";
import type { RoomSettings } from "../../../../lib/server/room-log/room-settings.ts";
import { replica } from "./witness.ts";

// What the next server of a room makes of it.

const HOUR = 3_600_000;
const SETTINGS: RoomSettings = {
	...{ maxMembers: 9, grace: 60_000, desertedGrace: 40_000, awayAfter: 15_000, stay: false },
	...{
		emailVisibility: "full",
		owners: [],
		newcomerEvents: 0,
		logEvents: 9,
		logBytes: 9999,
		lease: null,
	},
};

/** Ann joined a room when its log's time was 0; its server was killed a second later. */
function left(title?: string): RoomMachine {
	const room = replica({ handle() {}, banEdits: () => null });
	const start = { kind: "start", settings: { ...SETTINGS, title }, prefix: "v" } as const;
	const ann = { kind: "join", attempt: 1, name: "ann", account: "ann@x.org", token: "t" } as const;
	room.apply({ server: "a", n: 1, changes: [start] }, { at: HOUR, time: 0 });
	room.apply({ server: "a", n: 2, changes: [ann] }, { at: HOUR, time: 0 });
	return room;
}

/** Another server begins after a time in which there was none. */
function begin(room: RoomMachine, down: number, settings: Partial<RoomSettings> = {}): void {
	const changes: Change[] = [
		{ kind: "dead", server: "a" },
		{ kind: "start", settings: { ...SETTINGS, ...settings }, prefix: "w" },
	];
	room.apply({ server: "b", n: 1, changes }, { at: HOUR + 1000 + down, time: 1000 });
}

test.each([0, 1000, 24 * HOUR])(
	"after %i ms without a server, members are here for as long as it is",
	(down) => {
		const room = left();
		begin(room, down);
		const { members, settings, stamp } = room.state;
		expect(members.rosterAt(stamp, settings).members).toMatchObject([{ since: HOUR }]);
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

test("a member that was back for a moment and is offline again is still away", () => {
	const room = left();
	begin(room, 0);
	const [first, second] = [1, 2].map((generation) => ({ visit: "v0", generation }));
	for (const [n, change] of [
		{ kind: "away", ...first } as Change,
		{ kind: "resume", attempt: 1, token: "t", nextToken: "u", seq: 0, private: 0 } as Change,
		{ kind: "lost", code: "broken", ...second } as Change,
		{ kind: "back", ...second } as Change,
	].entries()) {
		const time = 1000 + (n + 1) * 15_000;
		room.apply({ server: "b", n: n + 2, changes: [change] }, { at: HOUR + time, time });
	}
	expect(Array.from(room.state.members, ({ awaySince }) => awaySince)).toEqual([HOUR + 16_000]);
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

test("a fault of ours in one change leaves the others, now and when the entry is read again", () => {
	const moderation = {
		handle: () => {
			throw new TypeError("a bug");
		},
		banEdits: () => null,
	};
	const errors: unknown[] = [];
	const say = (id: string): Change => ({
		...{ kind: "request", visit: "v0", generation: 1 },
		message: { type: "say", id, text: id },
	});
	const owner: Change = {
		...{ kind: "request", visit: "v0", generation: 1 },
		message: { type: "announce", text: "!" },
	};
	for (let time = 0; time < 2; time++) {
		const room = replica(moderation, undefined, (entry) => errors.push(entry));
		const start: Change = { kind: "start", settings: SETTINGS, prefix: "v" };
		const ann: Change = { kind: "join", attempt: 1, name: "ann", account: "a@x.org", token: "t" };
		const changes = [start, ann, say("1"), owner, say("2")];
		room.apply({ server: "a", n: 1, changes }, { at: HOUR, time: 0 });
		const events = room.state.history
			.toJSON()
			.entries.flatMap((entry) => ("told" in entry ? [] : JSON.parse(entry.events)));
		expect(events).toMatchObject([{ type: "joined" }, { text: "1" }, { text: "2" }]);
	}
	expect(errors).toMatchObject(
		Array(2).fill({ event: "error", text: "The room failed, which is a bug: TypeError: a bug" }),
	);
});
