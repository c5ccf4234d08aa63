import { expect, test } from "bun:test";
import { memberOf } from "../room/room-harness.ts";
import { ModeratedRoom, named } from "./moderated-room.ts";

// Cases that would take whole programs too long: the largest number of muted accounts.

/** How many pass in one turn: the room has places for no more than 100 members. */
const TURN = 90;

test("muted accounts are limited in number, and unmuting one makes room", () => {
	using room = new ModeratedRoom();
	const { harness } = room;
	const owner = memberOf(room.ann);
	/** Somebody joins, is muted and leaves, with the others of the same turn. */
	const pass = (name: string): void => {
		const client = harness.join(name);
		room.moderation.handle(owner, { type: "mute", id: name, ...named(client) });
		harness.depart(client);
	};
	for (let i = 0; i < 10_000; i++) {
		pass(`u${i}`);
		if (i % TURN === 0) harness.turn();
	}
	expect(room.refusals).toEqual([]);
	pass("last");
	harness.turn();
	expect(room.refusals).toMatchObject([{ code: "too_many_mutes", id: "last" }]);
	room.ask({ type: "unmute", who: "u7" });
	pass("last");
	harness.turn();
	expect(room.refusals).toHaveLength(1);
	const types = harness.events.map(({ type }) => type);
	expect(types.filter((type) => type === "muted")).toHaveLength(10_001);
	expect(types.filter((type) => type === "unmuted")).toHaveLength(1);
});
