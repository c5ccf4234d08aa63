import { expect, test } from "bun:test";
import { memberOf } from "../room/room-harness.ts";
import { ModeratedRoom, named } from "./moderated-room.ts";

// Cases that would take whole programs too long: the largest number of muted accounts.

test("muted accounts are limited in number, and unmuting one makes room", () => {
	using room = new ModeratedRoom();
	const { harness } = room;
	const owner = memberOf(room.ann);
	/** Somebody joins, is muted and leaves. */
	const pass = (name: string): void => {
		const client = room.enter(name);
		harness.room.request(owner, { type: "mute", id: name, ...named(client) });
		harness.room.request(owner, { type: "kick", ...named(client) });
		harness.turn();
	};
	for (let i = 0; i < 10_000; i++) pass(`u${i}`);
	expect(room.refusals).toEqual([]);
	pass("last");
	expect(room.refusals).toMatchObject([{ code: "too_many_mutes", id: "last" }]);
	room.ask({ type: "unmute", who: "u7" });
	pass("last");
	expect(room.refusals).toHaveLength(1);
	const types = harness.events.map(({ type }) => type);
	expect(types.filter((type) => type === "muted")).toHaveLength(10_001);
	expect(types.filter((type) => type === "unmuted")).toHaveLength(1);
});
