import { expect, test } from "bun:test";
import { ModeratedRoom, who } from "./moderated-room.ts";

// The room's bans and the operator's file, which each follows the other.

const [bob, dan, eve] = ["bob@gmail.com", "dan@gmail.com", "eve@gmail.com"];

test("what an owner bans and unbans is so in the room and in the file", () => {
	using room = new ModeratedRoom();
	room.ask({ type: "ban", ...who(room.bob) });
	room.ask({ type: "ban", who: dan });
	expect([room.banned, [...room.bans]]).toEqual([
		[bob, dan],
		[bob, dan],
	]);
	room.ask({ type: "unban", address: bob });
	expect([room.banned, [...room.bans]]).toEqual([[dan], [dan]]);
	room.ask({ type: "bans" });
	expect(room.ann.toldOf("banlist")).toEqual([{ type: "banlist", addresses: [dan] }]);
	expect(room.enter("dan").denied).toBe("banned");
	expect([room.enter("bob").denied, room.harness.here]).toEqual([
		undefined,
		["ann", "carol", "bob"],
	]);
});

test("what the operator bans and unbans by hand is so in the room, and no event", () => {
	using room = new ModeratedRoom();
	room.ask({ type: "ban", who: dan });
	room.edit(eve);
	expect(room.banned).toEqual([eve]);
	expect([room.enter("eve").denied, room.enter("dan").denied]).toEqual(["banned", undefined]);
	room.ask({ type: "unban", address: dan, id: "1" });
	expect(room.refusals).toMatchObject([{ code: "not_banned", id: "1" }]);
	room.ask({ type: "unban", address: eve });
	expect(room.done).toMatchObject([{ type: "banned" }, { type: "unbanned", address: eve }]);
	expect([room.banned, [...room.bans]]).toEqual([[], []]);
});

test("an edit by hand counts before what an owner asks for next, and does not undo it", () => {
	using room = new ModeratedRoom();
	room.write(dan, eve);
	room.ask({ type: "unban", address: eve });
	expect([room.banned, room.refusals]).toEqual([[dan], []]);
	room.harness.pass(1000);
	expect([room.banned, [...room.bans]]).toEqual([[dan], [dan]]);
});

test("a ban that could not be saved holds in the room, and the operator is warned", () => {
	using room = new ModeratedRoom();
	room.keepFromSaving();
	room.ask({ type: "ban", ...who(room.bob) });
	room.harness.pass(1000);
	expect([room.banned, room.enter("bob").denied]).toEqual([[bob], "banned"]);
	expect(room.warnings).toEqual([expect.stringContaining("Cannot read the ban list")]);
});

test("an owner closes the room for everybody, once it has said what it had to say", () => {
	using room = new ModeratedRoom();
	room.ask({ type: "announce", text: "good night" });
	room.ask({ type: "close" });
	expect([room.harness.ended, room.done]).toEqual([
		1,
		[{ type: "announced", by: "ann", text: "good night" }],
	]);
});
