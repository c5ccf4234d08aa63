import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import { RoomState, type RoomStateJson } from "../../../../lib/server/room-state/room-state.ts";
import { replica } from "../room/witness.ts";
import { Place } from "../room-log/logs.ts";

// Bans that one server has in the room's log, and another finds there, beside its ban list.

/** The room after an owner's bans of these accounts, whose server was killed before it saved them. */
function roomWith(changes: [account: string, isBanned: boolean][]): RoomState {
	const room = replica({ handle() {}, banEdits: () => null });
	for (const change of changes) room.state.setBan(...change);
	return new RoomState(JSON.parse(JSON.stringify(room.state)) as RoomStateJson);
}

/** The next server, whose ban list holds these accounts. */
function next(place: Place, ...banned: string[]) {
	const state = join(place.folder, "state");
	mkdirSync(state, { mode: 0o700 });
	writeFileSync(join(state, "banned"), banned.map((account) => `${account}\n`).join(""));
	const bans = new BanList(state, place.warn);
	return { bans, moderation: new Moderation({ bans, devices: null, warn: place.warn }) };
}

const none = { added: [], removed: [], saved: [] };

test.each<[string, [string, boolean][], string[], object, string[]]>([
	["a ban", [["eve@x.org", true]], [], { saved: ["eve@x.org"] }, ["eve@x.org"]],
	["the end of a ban", [["eve@x.org", false]], ["eve@x.org"], { saved: ["eve@x.org"] }, []],
	[
		"a ban that was saved",
		[["eve@x.org", true]],
		["eve@x.org"],
		{ saved: ["eve@x.org"] },
		["eve@x.org"],
	],
	["no ban", [], ["mal@x.org"], { added: ["mal@x.org"] }, ["mal@x.org"]],
	[
		"two, and one by hand",
		[
			["eve@x.org", true],
			["bob@x.org", true],
		],
		["mal@x.org"],
		{ added: ["mal@x.org"], saved: ["eve@x.org", "bob@x.org"] },
		["bob@x.org", "eve@x.org", "mal@x.org"],
	],
])(
	"the room of a server that was killed has %s: the file gets it, the room what the file has",
	(_, changes, file, edits, after) => {
		using place = new Place();
		const room = roomWith(changes);
		const { bans, moderation } = next(place, ...file);
		const found = moderation.banEdits(room);
		expect(found).toEqual({ ...none, ...edits });
		if (found) room.editBans(found);
		expect([...bans].sort()).toEqual(after);
		expect([...room.bans].sort()).toEqual(after);
		expect(moderation.banEdits(room)).toBeNull();
		expect(room.unsavedBans.size).toBe(0);
	},
);

test("what cannot be saved holds, and is tried once", () => {
	using place = new Place();
	const room = roomWith([["eve@x.org", true]]);
	const state = join(place.folder, "state");
	const bans = new BanList(state, place.warn);
	// A file where the folder should be.
	writeFileSync(state, "");
	const moderation = new Moderation({ bans, devices: null, warn: place.warn });
	expect(moderation.banEdits(room)).toBeNull();
	const { length: warnings } = place.warnings;
	for (let tick = 0; tick < 5; tick++) expect(moderation.banEdits(room)).toBeNull();
	expect([room.bans.has("eve@x.org"), bans.has("eve@x.org")]).toEqual([true, true]);
	expect(place.warnings).toHaveLength(warnings);
});
