import { expect, test } from "bun:test";
import { BanList } from "../../../../lib/server/auth/ban-list.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import type { OwnerMessage } from "../../../../lib/wire/messages.ts";
import { RoomHarness } from "../room/room-harness.ts";
import type { TestClient } from "../room/test-client.ts";

// Cases that would take whole programs too long: the largest number of muted accounts.

test("muted accounts are limited in number, and unmuting one makes room", () => {
	const { harness, clients } = RoomHarness.of("ann");
	const [ann] = clients as [TestClient];
	const moderation = new Moderation({
		room: harness.room,
		bans: new BanList("/nonexistent", () => {}),
		owners: new Set([ann.account]),
		shownEmail: (account) => account,
		log: () => {},
		close: () => {},
	});
	const ask = (message: OwnerMessage): void => {
		if (ann.member) moderation.handle(ann.member, message);
	};
	/** Somebody joins, is muted and leaves. */
	const pass = (name: string): void => {
		harness.join(name);
		ask({ type: "mute", name });
		ask({ type: "kick", name });
	};
	for (let i = 0; i < 10_000; i++) pass(`u${i}`);
	expect(ann.toldOf("refused")).toEqual([]);
	pass("last");
	expect(ann.toldOf("refused")).toMatchObject([{ code: "too_many_mutes" }]);
	ask({ type: "unmute", who: "u7" });
	pass("last");
	expect(ann.toldOf("refused")).toHaveLength(1);
	const types = harness.events.map(({ type }) => type);
	expect(types.filter((type) => type === "muted")).toHaveLength(10_001);
	expect(types.filter((type) => type === "unmuted")).toHaveLength(1);
});
