import { expect, test } from "bun:test";
import { MAX_MUTES } from "../../../../lib/server/room-state/mute-list.ts";
import { ModeratedRoom, named } from "./moderated-room.ts";

test("muted accounts are limited in number, and unmuting one makes room", () => {
	using room = new ModeratedRoom(MAX_MUTES - 1);
	const { bob, carol } = room;
	room.ask({ type: "mute", id: "bob", ...named(bob) });
	expect(room.refusals).toEqual([]);
	room.ask({ type: "mute", id: "carol", ...named(carol) });
	expect(room.refusals).toMatchObject([{ code: "too_many_mutes", id: "carol" }]);
	room.ask({ type: "unmute", who: "muted7" });
	room.ask({ type: "mute", id: "carol", ...named(carol) });
	expect(room.refusals).toHaveLength(1);
	expect(room.done.map((event) => Object(event).type)).toEqual(["muted", "unmuted", "muted"]);
});
