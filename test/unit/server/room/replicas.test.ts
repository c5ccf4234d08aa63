import { expect, test } from "bun:test";
import fc from "fast-check";
import { BanList } from "../../../../lib/server/accounts/ban-list.ts";
import { Moderation } from "../../../../lib/server/moderation/moderation.ts";
import type { RoomMachine } from "../../../../lib/server/room/room-machine.ts";
import { RoomState, type RoomStateJson } from "../../../../lib/server/room-state/room-state.ts";
import { type Delivery, history } from "./random-entries.ts";
import { replica } from "./witness.ts";

// Servers that are given the same entries, in whatever way, have the same room.

const numRuns = Number(process.env.TEST_RUNS ?? 150);

/** No replica here is live, so the ban list's file is never written. */
const moderation = new Moderation({
	bans: new BanList("/nowhere", () => {}),
	devices: null,
	warn: () => {},
});

const snapshotOf = ({ state }: RoomMachine): string => JSON.stringify(state);
const restored = (snapshot: string): RoomMachine =>
	replica(moderation, new RoomState(JSON.parse(snapshot) as RoomStateJson));

function after(deliveries: readonly Delivery[], room = replica(moderation)): RoomMachine {
	for (const { entry, stamp } of deliveries) room.apply(entry, stamp);
	return room;
}

test("an entry that comes again, at once or late, changes nothing", () => {
	fc.assert(
		fc.property(history, fc.array(fc.tuple(fc.nat(), fc.nat())), (entries, repeats) => {
			const delivered = [...entries];
			for (const [what, where] of repeats) {
				const original = delivered[what % delivered.length] as Delivery;
				const index = delivered.findIndex(({ entry }) => entry === original.entry);
				const late = index + 1 + (where % (delivered.length - index));
				const stamp = delivered[late - 1]?.stamp ?? original.stamp;
				delivered.splice(late, 0, { entry: original.entry, stamp });
			}
			expect(snapshotOf(after(delivered))).toBe(snapshotOf(after(entries)));
		}),
		{ numRuns },
	);
});

test("a room goes on from a snapshot at any place, also if some entries before it come again", () => {
	fc.assert(
		fc.property(history, fc.nat(), fc.nat(), (entries, where, back) => {
			const place = where % (entries.length + 1);
			const snapshot = snapshotOf(after(entries.slice(0, place)));
			const room = restored(snapshot);
			expect(snapshotOf(room)).toBe(snapshot);
			const from = Math.max(0, place - (back % 5));
			expect(snapshotOf(after(entries.slice(from), room))).toBe(snapshotOf(after(entries)));
		}),
		{ numRuns },
	);
});

test("the entries that JSON gives back bring the room to the same state", () => {
	fc.assert(
		fc.property(history, (entries) => {
			const read = JSON.parse(JSON.stringify(entries)) as Delivery[];
			expect(snapshotOf(after(read))).toBe(snapshotOf(after(entries)));
		}),
		{ numRuns },
	);
});

test("nothing of a server that was declared dead counts, until it starts under another id", () => {
	fc.assert(
		fc.property(history, history, (before, later) => {
			const room = after(before);
			const stamp = { at: room.state.stamp.at + 1, time: room.state.stamp.time + 1 };
			const changes = ["a", "b", "c"].map((server) => ({ kind: "dead", server }) as const);
			room.apply({ server: "survivor", n: 1, changes }, stamp);
			const buried = snapshotOf(room);
			const shifted = later.map(({ entry }) => ({ entry: { ...entry, n: entry.n + 1e6 }, stamp }));
			expect(snapshotOf(after(shifted, room))).toBe(buried);
		}),
		{ numRuns },
	);
});

test("what the random entries bring about is all that can happen", () => {
	const seen = new Set<string>();
	const rooms = fc
		.sample(history, { numRuns: 600, seed: 1 })
		.map((entries) => after(entries).state);
	for (const state of rooms) {
		for (const entry of state.history.toJSON().entries) {
			if ("told" in entry) seen.add("told");
			else for (const { type } of JSON.parse(entry.events)) seen.add(type);
		}
		if (state.removals.toJSON().length > 0) seen.add("removal");
		for (const member of state.members) {
			if (member.toJSON().owed.length > 0) seen.add("owed");
			if (member.generation > 2) seen.add("third connection");
			if (member.offlineSince !== null) seen.add("offline");
		}
	}
	expect([...seen].sort()).toEqual(
		[
			...["announced", "away", "back", "banned", "joined", "kicked", "left", "muted", "said"],
			...[
				"titled",
				"told",
				"unbanned",
				"unmuted",
				"removal",
				"owed",
				"third connection",
				"offline",
			],
		].sort(),
	);
	expect(rooms.some(({ hasEnded }) => hasEnded)).toBe(true);
});
