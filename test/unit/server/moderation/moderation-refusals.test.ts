import { expect, test } from "bun:test";
import type { OwnerMessage } from "../../../../lib/wire/messages/messages.ts";
import { ModeratedRoom, named, who } from "./moderated-room.ts";

// A request that is refused: the one who made it learns which one, and nothing happens.

type Ask = (room: ModeratedRoom) => OwnerMessage;

const REFUSED: [code: string, ask: Ask][] = [
	["is_owner", (room) => ({ type: "kick", ...named(room.ann) })],
	["is_owner", (room) => ({ type: "mute", ...named(room.ann) })],
	["is_owner", () => ({ type: "ban", who: "a.n.n@gmail.com" })],
	["no_such_member", () => ({ type: "kick", name: "dan", visit: "nowhere" })],
	["no_such_member", (room) => ({ type: "mute", name: "bob", visit: named(room.carol).visit })],
	["no_such_member", (room) => ({ type: "ban", who: "bob", visit: named(room.carol).visit })],
	["no_such_member", (room) => ({ type: "unmute", who: "bob", visit: named(room.carol).visit })],
	["not_muted", (room) => ({ type: "unmute", ...who(room.bob) })],
	["not_muted", () => ({ type: "unmute", who: "bob" })],
	["not_muted", () => ({ type: "unmute", who: "dan@gmail.com" })],
	["not_banned", () => ({ type: "unban", address: "dan@gmail.com" })],
	["invalid_address", () => ({ type: "ban", who: "+@gmail.com" })],
	["invalid_address", () => ({ type: "unban", address: "...@gmail.com" })],
];

test.each(REFUSED)("an owner learns which request was refused: %s", (code, ask) => {
	using room = new ModeratedRoom();
	room.ask({ ...ask(room), id: "my-request" });
	const text = expect.any(String);
	expect(room.refusals).toEqual([{ code, text, id: "my-request" }]);
	// A request without an id gets a refusal without one.
	room.ask(ask(room));
	expect(room.refusals.slice(1)).toEqual([{ code, text }]);
	expect([room.done, [...room.bans]]).toEqual([[], []]);
});

test("an owner learns which mute was refused, because the member is muted already", () => {
	using room = new ModeratedRoom();
	for (const id of ["1", "2"]) room.ask({ type: "mute", id, ...named(room.bob) });
	expect(room.refusals).toEqual([
		{ code: "already_muted", text: "bob is already muted.", id: "2" },
	]);
	expect(room.done).toEqual([{ type: "muted", name: "bob", by: "ann" }]);
});

test("an owner learns which change of the bans holds but was not saved", () => {
	using room = new ModeratedRoom();
	room.keepFromSaving();
	room.ask({ type: "ban", id: "1", ...who(room.bob) });
	room.ask({ type: "unban", id: "2", address: "bob@gmail.com" });
	expect(room.refusals).toMatchObject([
		{ code: "not_saved", text: expect.stringMatching(/^bob is banned, but/), id: "1" },
		{ code: "not_saved", text: expect.stringMatching(/^bob@gmail.com is no longer/), id: "2" },
	]);
	expect(room.done).toMatchObject([{ type: "banned" }, { type: "unbanned" }]);
});

const OF_OWNERS: Ask[] = [
	(room) => ({ type: "kick", ...named(room.carol) }),
	(room) => ({ type: "mute", ...named(room.carol) }),
	(room) => ({ type: "unmute", ...who(room.carol) }),
	(room) => ({ type: "ban", ...who(room.carol) }),
	() => ({ type: "unban", address: "dan@gmail.com" }),
	() => ({ type: "bans" }),
	() => ({ type: "announce", text: "hear, hear" }),
	() => ({ type: "title", title: "mine" }),
	() => ({ type: "close" }),
];

test("a member that is no owner learns which of its requests was refused, and nothing else", () => {
	using room = new ModeratedRoom();
	for (const [i, ask] of OF_OWNERS.entries()) room.ask({ ...ask(room), id: `${i}` }, room.bob);
	expect(room.bob.toldOf("refused").map(({ code, id }) => `${code} ${id}`)).toEqual(
		OF_OWNERS.map((_, i) => `not_owner ${i}`),
	);
	expect([room.done, [...room.bans], room.carol.isConnected]).toEqual([[], [], true]);
	expect(room.bob.toldOf("banlist")).toEqual([]);
	// The operator reads of it once.
	expect(room.log).toMatchObject([{ event: "refused", name: "bob", code: "not_owner" }]);
});

test("the log names the account of a ban, and of no ban that was refused", () => {
	using room = new ModeratedRoom();
	const stale = who(room.bob);
	room.ask({ type: "ban", ...who(room.carol) });
	room.replace(room.bob);
	room.ask({ type: "ban", ...stale });
	expect(room.log).toEqual([
		{
			event: "owner_command",
			name: "ann",
			account: "ann@gmail.com",
			code: "ban",
			text: "carol@gmail.com",
		},
	]);
});
