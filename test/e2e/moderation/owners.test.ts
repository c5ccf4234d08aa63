import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { entriesIn, waitForEntry } from "../../support/log.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { botAs, memberAs, settle, waitForRefusal } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, type Json, Stage } from "../../support/programs.ts";

// What an owner of the room can do, and what nobody else can: whole programs, by `--json`.

const OWNERS = "An.N+chat@googlemail.com,boss@work.example";

let stage: Stage;
let ann: Bot;
let bob: Bot;

beforeAll(async () => {
	stage = await Stage.open("--owner", OWNERS);
	ann = await stage.member("ann");
	bob = await stage.member("bob");
});

afterAll(() => stage[Symbol.asyncDispose]());

const OWNER_EVENTS = ["kicked", "banned", "unbanned", "muted", "unmuted", "announced", "titled"];
const ownerEventsIn = (bot: Bot): Json[] =>
	bot.lines.filter(({ type }) => OWNER_EVENTS.includes(type));
const place = { seq: expect.any(Number), at: expect.any(Number) };

test("an owner is told so in the welcome, however the address is spelt, and nobody else is", async () => {
	const welcome = (bot: Bot) => bot.waitFor({ type: "welcome" });
	expect(await welcome(ann)).toMatchObject({ owner: true });
	const boss = await memberAs(stage, "boss", "Boss@Work.Example");
	expect(await welcome(boss)).toMatchObject({ owner: true });
	// Outside of Gmail a dot makes another address.
	const other = await memberAs(stage, "other", "bo.ss@work.example");
	for (const bot of [bob, other]) expect(Object.keys(await welcome(bot))).not.toContain("owner");
});

describe("who is no owner", () => {
	const requests: Json[] = [
		{ type: "kick", name: "ann" },
		{ type: "kick", name: "bob", why: "myself" },
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
		await using room = await Stage.open("--owner", "ann@gmail.com");
		const [bob, carol] = [await room.member("bob"), await room.member("carol")];
		for (const request of requests) expect(await waitForRefusal(bob, request)).toBe("not_owner");
		await settle(carol, bob);
		const types = new Set([...bob.lines, ...carol.lines].map(({ type }) => type));
		expect([...types].sort()).toEqual(["joined", "pending", "refused", "said", "welcome"]);
		expect(existsSync(room.state)).toBe(false);
		const late = await room.member("late");
		expect(late.lines[0]).toEqual({
			type: "welcome",
			name: "late",
			members: ["bob", "carol", "late"],
		});
	});

	test("is refused by the server, whatever the client: a name of an owner makes none", async () => {
		const eve = Peer.greeting(stage);
		const login = { type: "login", email: "eve@gmail.com", password: PASSWORD };
		eve.send({ ...login, name: "owner", owner: true });
		await eve.waitFor("welcome");
		eve.send({ type: "kick", name: "bob", owner: true, by: "ann" });
		expect(await eve.waitFor("refused")).toMatchObject({ code: "not_owner" });
	});
});

describe("/kick", () => {
	test("puts somebody out, who is told by whom and why; the others hear it in order", async () => {
		const carol = await stage.member("carol");
		carol.say("my last words");
		await ann.waitFor({ type: "said", text: "my last words" });
		ann.send({ type: "kick", name: "CAROL", why: "too loud" });
		expect(await carol.exit()).toBe(2);
		const text = "ann has sent you out of the room: too loud";
		expect(carol.lines.at(-1)).toEqual({ type: "closed", reason: "kicked", text });
		const left = await bob.waitFor({ type: "left", name: "carol" });
		const kicked = await bob.waitFor({ type: "kicked", name: "carol" });
		expect(kicked).toEqual({ type: "kicked", ...place, name: "carol", by: "ann", why: "too loud" });
		expect(left.seq).toBe(Number(kicked.seq) + 1);
		// It is no ban.
		await stage.member("carol");
	});

	test("needs somebody who is here, by the very name", async () => {
		for (const name of ["nobody", "b0b"]) {
			expect(await waitForRefusal(ann, { type: "kick", name })).toBe("no_such_member");
		}
		expect(ownerEventsIn(bob).filter(({ name }) => name === "bob")).toEqual([]);
	});

	test("leaves nothing to come back with", async () => {
		const peer = await Peer.member(stage, "dora");
		ann.send({ type: "kick", name: "dora" });
		expect(await peer.waitFor("kicked")).toMatchObject({ name: "dora", by: "ann" });
		expect(await peer.waitFor("closing")).toMatchObject({
			code: "kicked",
			text: expect.stringContaining("ann"),
		});
		await peer.waitUntilClosed();
		await expectForgotten(peer);
	});

	test("reaches somebody who is away: the name is free, and the place is gone", async () => {
		const peer = await Peer.member(stage, "emil");
		peer.cut();
		await settle(ann, bob);
		ann.send({ type: "kick", name: "emil" });
		await bob.waitFor({ type: "left", name: "emil" });
		await expectForgotten(peer);
		await memberAs(stage, "emil", "another.emil@gmail.com");
	});

	async function expectForgotten(peer: Peer): Promise<void> {
		const { token, ...began } = peer.place;
		const back = Peer.greeting(stage);
		back.send({ type: "resume", token, ...began });
		expect(await back.waitFor("denied")).toMatchObject({ code: "kicked" });
		await back.waitUntilClosed();
	}
});

describe("/mute", () => {
	test("lets nothing of somebody through until it is lifted; the room hears of both", async () => {
		const carl = await stage.member("carl");
		ann.send({ type: "mute", name: "carl" });
		expect(await carl.waitFor({ type: "muted" })).toEqual({
			type: "muted",
			...place,
			name: "carl",
			by: "ann",
		});
		const lines: Json[] = [
			{ type: "say", id: "m1", text: "can you" },
			{ type: "say", id: "m2", text: "hear", me: true },
			{ type: "tell", id: "m3", to: "bob", text: "me" },
			{ type: "tell", id: "m4", to: "ann", text: "now" },
		];
		for (const line of lines) {
			carl.send(line);
			const failed = await carl.waitFor({ type: "failed", id: String(line.id) });
			expect(failed).toMatchObject({ code: "muted" });
		}
		ann.send({ type: "unmute", who: "carl" });
		await bob.waitFor({ type: "unmuted", name: "carl", by: "ann" });
		carl.send({ type: "say", id: "m1", text: "can you" });
		await bob.waitFor({ type: "said", id: "m1" });
		const heard = [...ann.lines, ...bob.lines].filter(({ from }) => from === "carl");
		expect(heard.map(({ id }) => id)).toEqual(["m1", "m1"]);
	});

	test("holds for the account: a new login, under another name and spelling, does not end it", async () => {
		const dan = await memberAs(stage, "dan", "dan.d@gmail.com");
		ann.send({ type: "mute", name: "dan" });
		await dan.waitFor({ type: "muted" });
		dan.send({ type: "leave" });
		await dan.exit();
		const quiet = await memberAs(stage, "quiet", "D.A.N.D+x@googlemail.com");
		quiet.send({ type: "say", id: "q1", text: "it is me" });
		expect(await quiet.waitFor({ type: "failed", id: "q1" })).toMatchObject({ code: "muted" });
		ann.send({ type: "unmute", who: "quiet" });
		await quiet.waitFor({ type: "unmuted", name: "quiet" });
		await settle(quiet, bob);
	});

	test("is not lifted by a second owner who mutes the same man at the same moment", async () => {
		const boss = await memberAs(stage, "boss", "boss@work.example");
		const gus = await stage.member("gus");
		ann.send({ type: "mute", name: "gus" });
		await boss.waitFor({ type: "muted", name: "gus" });
		expect(await waitForRefusal(boss, { type: "mute", name: "gus" })).toBe("already_muted");
		gus.send({ type: "say", id: "g1", text: "still here" });
		expect(await gus.waitFor({ type: "failed", id: "g1" })).toMatchObject({ code: "muted" });
	});

	test("is lifted of somebody who has left, by the name of then or in any spelling of the address", async () => {
		for (const who of ["Hal", "H.A.L+x@googlemail.com"]) {
			const hal = await stage.member("hal");
			ann.send({ type: "mute", name: "hal" });
			await hal.waitFor({ type: "muted" });
			hal.send({ type: "leave" });
			await hal.exit();
			// Whoever has taken the name meanwhile is not muted, and not who is meant.
			const other = await memberAs(stage, "hal", "another@gmail.com");
			ann.send({ type: "unmute", who });
			await other.waitFor({ type: "unmuted", name: "hal", by: "ann" });
			other.send({ type: "leave" });
			await other.exit();
			const back = await stage.member("hal");
			await settle(back, ann);
			expect(await waitForRefusal(ann, { type: "unmute", who })).toBe("not_muted");
			back.send({ type: "leave" });
			await back.exit();
		}
	});

	test("is not lifted of somebody who is not muted, or whom nobody knows", async () => {
		for (const who of ["bob", "nobody", "bob@gmail.com"]) {
			expect(await waitForRefusal(ann, { type: "unmute", who })).toBe("not_muted");
		}
		expect(ownerEventsIn(bob).filter(({ name }) => name === "bob")).toEqual([]);
	});

	test("does not unsay what was said before, when it is asked for again", async () => {
		const peer = await Peer.member(stage, "fred");
		peer.send({ type: "say", id: "f1", text: "before" });
		await peer.waitFor("said");
		ann.send({ type: "mute", name: "fred" });
		await peer.waitFor("muted");
		peer.send({ type: "say", id: "f1", text: "before" });
		expect(await peer.waitFor("refused")).toMatchObject({ code: "already_said", id: "f1" });
	});
});

test("an owner cannot be kicked, banned or muted, under whatever name or spelling", async () => {
	const chief = await memberAs(stage, "chief", "boss@work.example");
	const requests: Json[] = [
		...["chief", "ann"].flatMap((name) => [
			{ type: "kick", name },
			{ type: "ban", who: name },
			{ type: "mute", name },
		]),
		...["boss+x@work.example", "a.n.n@googlemail.com", "ANN@gmail.com"].map((who) => ({
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

const unusable: [what: string, request: Json][] = [
	["a title of two lines", { type: "title", title: "two\nlines" }],
	["a title that is too long", { type: "title", title: "x".repeat(81) }],
	["an empty announcement", { type: "announce", text: "" }],
	["a reason that is too long", { type: "kick", name: "bob", why: "x".repeat(201) }],
	["a ban of what is neither name nor address", { type: "ban", who: "@bob" }],
	["an unban of a name", { type: "unban", address: "bob" }],
];

test.each(unusable)("%s is refused, from an owner too", async (_, request) => {
	// By hand: a bot's own client does not send it.
	const boss = Peer.greeting(stage);
	const email = "boss@work.example";
	boss.send({ type: "login", name: "boss2", email, password: PASSWORD });
	await boss.waitFor("welcome");
	boss.send(request);
	expect(await boss.waitFor("refused")).toMatchObject({ code: "bad_field" });
	expect(await waitForRefusal(ann, request)).toBe("bad_input");
});

test("/close ends the room for everybody, who are told by whom, and the server, also with --stay", async () => {
	await using room = await Stage.open("--owner", "ann@gmail.com");
	const [ann, bob] = [await room.member("ann"), await room.member("bob")];
	ann.send({ type: "close" });
	const text = "ann has closed the room";
	for (const bot of [ann, bob]) {
		expect(await bot.exit()).toBe(0);
		expect(bot.lines.at(-1)).toEqual({ type: "closed", reason: "room_closed", text });
	}
	expect(await room.server.exit()).toBe(0);
	expect(room.server.out).toContain(`The end: ${text}.`);
	expect(await room.keyFiles()).toEqual([]);
});

test("--addresses says what the room sees of a banned address, and names are no secret", async () => {
	const shown: [policy: string, address: string | undefined][] = [
		["hidden", undefined],
		["masked", "e***@gmail.com"],
		["full", "eve@gmail.com"],
	];
	const see = async ([policy, address]: (typeof shown)[number]): Promise<void> => {
		await using room = await Stage.open("--addresses", policy, "--owner", "ann@gmail.com");
		const [ann, bob] = [await room.member("ann"), await room.member("bob")];
		const carol = await room.member("carol");
		ann.send({ type: "ban", who: "E.ve+x@googlemail.com", why: "spam" });
		ann.send({ type: "unban", address: "eve@gmail.com" });
		ann.send({ type: "ban", who: "carol" });
		await carol.exit();
		await bob.waitFor({ type: "left", name: "carol" });
		const seen = address === undefined ? {} : { address };
		expect(ownerEventsIn(bob)).toEqual([
			{ type: "banned", ...place, by: "ann", ...seen, why: "spam" },
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
	await using room = await Stage.open("--title", "Book club", "--motd", motd);
	const bot = await botAs(room, "ann", "ann@gmail.com").waitFor({ type: "welcome" });
	expect(bot).toEqual({
		...{ type: "welcome", name: "ann", members: ["ann"] },
		...{ title: "Book club", motd: "Be kind.\n\u001b[31mNo spoilers." },
	});
});

test("what an owner asks for, and of whom, is in the log; a word of it is not", async () => {
	await using room = await Stage.open("--owner", "ann@gmail.com", "--log", "json");
	const [ann, bob] = [await room.member("ann"), await room.member("bob")];
	ann.send({ type: "announce", text: "a word to all" });
	ann.send({ type: "ban", who: "E.ve+x@googlemail.com", why: "a word of eve" });
	ann.send({ type: "unban", address: "EVE@gmail.com" });
	ann.send({ type: "kick", name: "bob", why: "a word to bob" });
	await bob.exit();
	await waitForEntry(room.server, { event: "left", name: "bob", code: "kicked" });
	const rob = await memberAs(room, "bob", "r.o.b@gmail.com");
	ann.send({ type: "ban", who: "BOB" });
	await rob.exit();
	await waitForEntry(room.server, { event: "left", name: "bob", code: "banned" });
	const who = { event: "owner_command", name: "ann", account: "ann@gmail.com" };
	const asked = entriesIn(room.server).filter(({ event }) => event === "owner_command");
	expect(asked).toMatchObject([
		{ ...who, code: "announce" },
		{ ...who, code: "ban", text: "eve@gmail.com" },
		{ ...who, code: "unban", text: "eve@gmail.com" },
		{ ...who, code: "kick", text: "bob" },
		{ ...who, code: "ban", text: "rob@gmail.com" },
	]);
	expect(room.server.err).not.toContain("a word");
});

test("who asks for what is an owner's is in the log, once of each who is here", async () => {
	await using room = await Stage.open("--log", "json");
	const [bob, carol] = [await room.member("bob"), await room.member("carol")];
	await waitForRefusal(bob, { type: "ban", who: "carol", why: "a word" });
	await waitForRefusal(bob, { type: "close" });
	await waitForRefusal(carol, { type: "bans" });
	await waitForEntry(room.server, { event: "refused", name: "carol" });
	const refused = entriesIn(room.server).filter(({ event }) => event === "refused");
	const told = (name: string, type: string) => ({
		...{ at: expect.any(Number), event: "refused", name, account: `${name}@gmail.com` },
		...{ ip: "127.0.0.1", code: "not_owner" },
		text: `asked for ${type}, which is an owner's to do`,
	});
	expect(refused).toEqual([told("bob", "ban"), told("carol", "bans")]);
});
