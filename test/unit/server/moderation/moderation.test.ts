import { expect, test } from "bun:test";
import { memberOf } from "../room/room-harness.ts";
import { ModeratedRoom, named } from "./moderated-room.ts";

// Cases that would take whole programs too long: the largest number of muted accounts.

/** How many pass at once: each hears of all, so more at once would take longer. */
const AT_ONCE = 20;

test("muted accounts are limited in number, and unmuting one makes room", () => {
	using room = new ModeratedRoom();
	const { harness } = room;
	const owner = memberOf(room.ann);
	/** They join in one turn; in the next they are muted and leave. */
	const pass = (...names: string[]): void => {
		const clients = names.map((name) => harness.join(name));
		harness.turn();
		for (const client of clients) {
			harness.room.request(owner, { type: "mute", id: client.name, ...named(client) });
			harness.depart(client);
		}
		harness.turn();
	};
	const names = Array.from({ length: 10_000 }, (_, i) => `u${i}`);
	for (let i = 0; i < names.length; i += AT_ONCE) pass(...names.slice(i, i + AT_ONCE));
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
