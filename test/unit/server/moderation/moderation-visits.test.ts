import { describe, expect, test } from "bun:test";
import { textsIn } from "../room/trio.ts";
import { ModeratedRoom, named, who } from "./moderated-room.ts";

// An owner's request reaches the member in the visit that it names, and nobody who has taken
// that member's name since.

const TAKEN =
	'The "bob" whom you meant has left. If you mean whoever has the name now, write it again.';
const NOBODY = 'Nobody here is called "bob".';

const refusal = (text: string) => ({ code: "no_such_member", text, id: "1" });

describe.each([
	["kick", named],
	["mute", named],
	["ban", who],
	["unmute", who],
	["sign_out_member", who],
] as const)("a %s of a member that has left", (type, name) => {
	test("is refused if another member has the name now", () => {
		using room = new ModeratedRoom();
		const request = { type, id: "1", ...name(room.bob) } as Parameters<typeof room.ask>[0];
		const other = room.replace(room.bob);
		room.ask(request);
		expect(room.refusals).toEqual([refusal(TAKEN)]);
		expect([room.done, [...room.bans], other.isConnected]).toEqual([[], [], true]);
		room.harness.say(other, "still heard");
		room.harness.turn();
		expect(textsIn(room.ann)).toEqual(["still heard"]);
	});

	test("is refused with another sentence if nobody has the name", () => {
		using room = new ModeratedRoom();
		room.harness.depart(room.bob);
		room.harness.turn();
		room.ask({ type, id: "1", ...name(room.bob) } as Parameters<typeof room.ask>[0]);
		expect(room.refusals).toEqual([refusal(NOBODY)]);
		expect([room.done, [...room.bans]]).toEqual([[], []]);
	});
});

describe("a ban", () => {
	test("of a member by its name in any case and its visit bans the account", () => {
		using room = new ModeratedRoom();
		room.ask({ type: "ban", ...who(room.bob), who: "BOB", reason: "enough" });
		expect([[...room.bans], room.bob.dismissed]).toEqual([["bob@gmail.com"], ["banned"]]);
		expect(room.done).toEqual([{ type: "banned", by: "ann", name: "bob", reason: "enough" }]);
	});

	test("of a member with another member's visit is refused", () => {
		using room = new ModeratedRoom();
		room.ask({ type: "ban", id: "1", ...who(room.carol), who: "bob" });
		expect(room.refusals).toEqual([refusal(TAKEN)]);
		expect([[...room.bans], room.done]).toEqual([[], []]);
	});

	test("of an address needs no visit, whoever is here", () => {
		using room = new ModeratedRoom();
		room.ask({ type: "ban", who: "B.o.b@gmail.com" });
		room.ask({ type: "ban", who: "dan@gmail.com" });
		expect([...room.bans]).toEqual(["bob@gmail.com", "dan@gmail.com"]);
		expect(room.done).toEqual([
			{ type: "banned", by: "ann", name: "bob" },
			{ type: "banned", by: "ann", address: "dan@gmail.com" },
		]);
	});
});

describe("an end of a mute", () => {
	const unmuted = (name: string) => ({ type: "unmuted", name, by: "ann" });
	const ends = (room: ModeratedRoom): unknown[] => room.done.slice(1);

	test.each([
		["its name and its visit", (room: ModeratedRoom) => who(room.bob)],
		["its name alone, in any case", () => ({ who: "BOB" })],
		["its address", () => ({ who: "bob+x@gmail.com" })],
	])("reaches a member that is here by %s", (_, whom) => {
		using room = new ModeratedRoom();
		room.ask({ type: "mute", ...named(room.bob) });
		room.ask({ type: "unmute", ...whom(room) });
		expect([ends(room), room.refusals]).toEqual([[unmuted("bob")], []]);
	});

	test.each([
		["its name and its visit", (room: ModeratedRoom) => who(room.bob)],
		["its name alone", () => ({ who: "bob" })],
		["its address", () => ({ who: "bob@gmail.com" })],
	])("reaches a member that has left by %s, and not who has the name now", (_, whom) => {
		using room = new ModeratedRoom();
		room.ask({ type: "mute", ...named(room.bob) });
		const other = room.replace(room.bob);
		room.ask({ type: "unmute", ...who(other), id: "1" });
		expect(room.refusals).toEqual([{ code: "not_muted", text: "bob is not muted.", id: "1" }]);
		room.ask({ type: "unmute", ...whom(room) });
		expect(ends(room)).toEqual([unmuted("bob")]);
		room.ask({ type: "unmute", ...whom(room), id: "2" });
		expect([ends(room).length, room.refusals.length]).toEqual([1, 2]);
	});

	test("reaches a member that came back under another name by either of its visits", () => {
		for (const isOld of [true, false]) {
			using room = new ModeratedRoom();
			room.ask({ type: "mute", ...named(room.bob) });
			const robert = room.harness.join("robert", "bob");
			room.harness.turn();
			// It was muted under another name than this.
			room.ask({ type: "unmute", who: "robert", id: "1" });
			expect(room.refusals).toMatchObject([{ code: "not_muted", id: "1" }]);
			room.ask({ type: "unmute", ...who(isOld ? room.bob : robert) });
			expect(ends(room)).toEqual([unmuted("robert")]);
		}
	});

	test("by a name that two were muted under reaches the last, and by the visit either", () => {
		using room = new ModeratedRoom();
		room.ask({ type: "mute", ...named(room.bob) });
		const other = room.replace(room.bob);
		room.ask({ type: "mute", ...named(other) });
		room.ask({ type: "unmute", who: "bob" });
		const canSpeak = [room.bob, other].map(({ account }) => !isMuted(room, account));
		expect(canSpeak).toEqual([false, true]);
		room.ask({ type: "unmute", ...who(room.bob) });
		expect([isMuted(room, room.bob.account), room.refusals]).toEqual([false, []]);
	});

	/** Whether the account is muted in its next visit. */
	function isMuted(room: ModeratedRoom, account: string): boolean {
		const { harness } = room;
		const guest = room.enter("guest", account.split("@")[0]);
		harness.say(guest, "heard?");
		harness.turn();
		const isHeard = guest.texts.includes("heard?");
		expect(guest.toldOf("refused").map(({ code }) => code)).toEqual(isHeard ? [] : ["muted"]);
		harness.depart(guest);
		harness.turn();
		return !isHeard;
	}
});
