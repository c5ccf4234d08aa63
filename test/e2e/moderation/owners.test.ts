import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { PASSWORD } from "../../support/mailbox.ts";
import { botAs, memberAs, settle, waitForRefusal } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, type Json, Stage } from "../../support/programs.ts";
import { VISIT, waitUntilMet } from "./meeting.ts";
import { ann, bob, ownerEventsIn, place, stage, useOwnedRoom } from "./owned-room.ts";

// What an owner of the room can do, and what nobody else can: whole programs, by `--json`.

useOwnedRoom();

test("an owner is told so in the welcome, however the address is spelt, and nobody else is", async () => {
	const welcome = (bot: Bot) => bot.waitFor({ type: "welcome" });
	expect(await welcome(ann)).toMatchObject({ owner: true });
	const boss = await memberAs(stage, "boss", "Boss@Work.Example");
	expect(await welcome(boss)).toMatchObject({ owner: true });
	// Outside of Gmail a dot makes another address.
	const other = await memberAs(stage, "other", "bo.ss@work.example");
	for (const bot of [bob, other]) expect(Object.keys(await welcome(bot))).not.toContain("owner");
});

describe("a member that is no owner", () => {
	const requests: Json[] = [
		{ type: "kick", name: "carol" },
		{ type: "kick", name: "bob", reason: "myself" },
		{ type: "ban", who: "carol" },
		{ type: "ban", who: "somebody@gmail.com" },
		{ type: "unban", address: "somebody@gmail.com" },
		{ type: "mute", name: "carol" },
		{ type: "unmute", who: "carol" },
		{ type: "bans" },
		{ type: "announce", text: "I own this" },
		{ type: "title", title: "Mine" },
		{ type: "close" },
	];
	test("is refused all of it, and nothing happens", async () => {
		await using room = await Stage.local("--owner", "ann@gmail.com");
		const [bob, carol] = [await room.member("bob"), await room.member("carol")];
		await waitUntilMet(bob, carol);
		for (const request of requests) expect(await waitForRefusal(bob, request)).toBe("not_owner");
		await settle(carol, bob);
		const types = new Set([...bob.lines, ...carol.lines].map(({ type }) => type));
		expect([...types].sort()).toEqual(["joined", "pending", "refused", "said", "welcome"]);
		expect(existsSync(room.state)).toBe(false);
		const late = await room.member("late");
		expect(late.lines[0]).toEqual({
			type: "welcome",
			name: "late",
			members: ["bob", "carol", "late"].map((name) => ({ name, visit: VISIT })),
		});
	});

	test("is refused by the server, whatever the client: a name of an owner makes none", async () => {
		const eve = Peer.greeting(stage);
		const login = { type: "login", email: "eve@gmail.com", password: PASSWORD };
		eve.send({ ...login, name: "owner", owner: true });
		await eve.waitFor("welcome");
		const kick = { type: "kick", id: "k1", name: "bob", visit: eve.visitOf("bob") };
		eve.send({ ...kick, owner: true, by: "ann" });
		expect(await eve.waitFor("refused")).toMatchObject({ code: "not_owner", id: "k1" });
	});
});

test("an owner cannot be kicked, banned or muted, under whatever name or spelling", async () => {
	const chief = await memberAs(stage, "chief", "boss@work.example");
	await waitUntilMet(ann, chief);
	const requests: Json[] = [
		...["chief", "ann"].flatMap((name) => [
			{ type: "kick", name },
			{ type: "ban", who: name },
			{ type: "mute", name },
		]),
		...["BOSS@Work.example", "a.n.n@googlemail.com", "ANN@gmail.com"].map((who) => ({
			type: "ban",
			who,
		})),
	];
	for (const request of requests) expect(await waitForRefusal(ann, request)).toBe("is_owner");
	await settle(chief, ann, bob);
	expect(existsSync(stage.state)).toBe(false);
});

test("/announce and /title are heard by all; who comes later reads the title", async () => {
	ann.send({ type: "announce", text: "lunch\nat noon" });
	const announced = { type: "announced", ...place, by: "ann", text: "lunch\nat noon" };
	expect(await bob.waitFor({ type: "announced" })).toEqual(announced);
	ann.send({ type: "title", title: "Lunch club" });
	const titled = { type: "titled", ...place, by: "ann", title: "Lunch club" };
	expect(await bob.waitFor({ type: "titled" })).toEqual(titled);
	const late = await stage.member("late");
	expect(late.lines[0]).toMatchObject({ title: "Lunch club" });
});

test("what owners did is told to who was away meanwhile, in the room's order", async () => {
	const lost = await Peer.member(stage, "gone");
	lost.cut();
	await settle(ann, bob);
	ann.send({ type: "announce", text: "while you were away" });
	ann.send({ type: "mute", name: "bob" });
	ann.send({ type: "unmute", who: "bob" });
	await bob.waitFor({ type: "unmuted", name: "bob" });
	const back = await Peer.resume(stage, lost);
	await back.waitFor("unmuted");
	const types = back.messages.map(({ type }) => type);
	expect(types.slice(-3)).toEqual(["announced", "muted", "unmuted"]);
});

const kick = { type: "kick", name: "bob", visit: "any-visit" };
const unusable: [what: string, request: Json, fault: RegExp][] = [
	["a title of two lines", { type: "title", title: "two\nlines" }, /^title: title must be/],
	["a title that is too long", { type: "title", title: "x".repeat(81) }, /^title: title must/],
	["an empty announcement", { type: "announce", text: "" }, /^announce: text must be/],
	["a reason that is too long", { ...kick, reason: "x".repeat(201) }, /^kick: reason must be/],
	["a ban of what is neither name nor address", { type: "ban", who: "@bob" }, /^ban: who must be/],
	["an unban of a name", { type: "unban", address: "bob" }, /^unban: address must be/],
	["a kick of no visit", { ...kick, visit: "a b" }, /^kick: visit must be/],
	["a mute of no visit", { ...kick, type: "mute", visit: "" }, /^mute: visit must be/],
	["a ban of no visit", { type: "ban", who: "bob", visit: 5 }, /^ban: visit must be/],
];

test.each(unusable)("%s is refused, from an owner too", async (_, request, fault) => {
	// The peer sends the request itself: a bot's client would not.
	const boss = Peer.greeting(stage);
	const email = "boss@work.example";
	boss.send({ type: "login", name: "boss2", email, password: PASSWORD });
	await boss.waitFor("welcome");
	boss.send({ ...request, id: "unusable" });
	const refused = await boss.waitFor("refused");
	expect(refused).toMatchObject({ code: "bad_field", id: "unusable" });
	expect(refused.text).toMatch(fault);
	expect(await waitForRefusal(ann, request)).toBe("bad_input");
});

test("/close ends the room for everybody, who are told by whom, and the server, also with --stay", async () => {
	await using room = await Stage.local("--owner", "ann@gmail.com");
	const [ann, bob] = [await room.member("ann"), await room.member("bob")];
	ann.send({ type: "close" });
	const text = "ann closed the room.";
	for (const bot of [ann, bob]) {
		expect(await bot.exit()).toBe(0);
		expect(bot.lines.at(-1)).toEqual({ type: "closed", reason: "room_closed", text });
	}
	expect(await room.server.exit()).toBe(0);
	expect(room.server.out).toContain(text);
	expect(await room.keyFiles()).toEqual([]);
});

test("--addresses says what the room sees of a banned address, and names are no secret", async () => {
	const shown: [policy: string, address: string | undefined][] = [
		["hidden", undefined],
		["masked", "e***@gmail.com"],
		["full", "eve@gmail.com"],
	];
	const see = async ([policy, address]: (typeof shown)[number]): Promise<void> => {
		await using room = await Stage.local("--addresses", policy, "--owner", "ann@gmail.com");
		const [ann, bob] = [await room.member("ann"), await room.member("bob")];
		const carol = await room.member("carol");
		await waitUntilMet(ann, carol);
		ann.send({ type: "ban", who: "E.ve+x@googlemail.com", reason: "spam" });
		ann.send({ type: "unban", address: "eve@gmail.com" });
		ann.send({ type: "ban", who: "carol" });
		await carol.exit();
		await bob.waitFor({ type: "left", name: "carol" });
		const seen = address === undefined ? {} : { address };
		expect(ownerEventsIn(bob)).toEqual([
			{ type: "banned", ...place, by: "ann", ...seen, reason: "spam" },
			{ type: "unbanned", ...place, by: "ann", ...seen },
			{ type: "banned", ...place, by: "ann", name: "carol" },
		]);
		if (policy !== "full") expect(bob.out).not.toMatch(/eve@|carol@/);
	};
	await Promise.all(shown.map(see));
});

test("--title and --motd are in the welcome", async () => {
	const motd = `${stage.keys}/motd`;
	await Bun.write(motd, "Be kind.\n\u001b[31mNo spoilers.\n\n");
	await using room = await Stage.local("--title", "Book club", "--motd", motd);
	const bot = await botAs(room, "ann", "ann@gmail.com").waitFor({ type: "welcome" });
	expect(bot).toEqual({
		...{ type: "welcome", name: "ann", members: [{ name: "ann", visit: VISIT }] },
		...{ title: "Book club", motd: "Be kind.\n\u001b[31mNo spoilers." },
	});
});
