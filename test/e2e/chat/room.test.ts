import { describe, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { KeyFolder } from "../../../lib/wire/keys/key-folder.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { noise } from "../../support/noise.ts";
import { botAs } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import { Bot, type Json, Stage } from "../../support/programs.ts";

// The room as its members see it: who holds a name, in what order things happen, who is gone.

/** The arrivals and departures that the server told a bot about. */
const comings = (bot: Bot): unknown[] =>
	bot.lines.flatMap(({ type, name }) =>
		type === "joined" || type === "left" ? [[type, name]] : [],
	);

test("a name that is taken, or looks it, keeps others out and its holder undisturbed", async () => {
	await using stage = await Stage.local();
	const ann = await stage.member("ann");
	await Peer.member(stage, "bill");
	await Peer.member(stage, "bo-b");
	const taken = { ann: "ann", ANN: "ann", B1LL: "bill", bo_b: "bo-b", "Bo.B": "bo-b" };
	for (const [name, holder] of Object.entries(taken)) {
		const peer = Peer.greeting(stage);
		peer.send({ type: "login", name, email: "somebody.else@gmail.com", password: PASSWORD });
		const denied = await peer.waitFor("denied");
		expect(denied.code).toBe("name_taken");
		expect(denied.text).toContain(holder);
		await peer.waitUntilClosed();
	}
	ann.say("undisturbed");
	await ann.waitFor({ type: "said", from: "ann", text: "undisturbed" });
	expect(comings(ann)).toEqual([
		["joined", "bill"],
		["joined", "bo-b"],
	]);
});

describe("the same account from a second place", () => {
	test("however it is spelled: the newest wins, the older is told, and the name goes with it", async () => {
		await using stage = await Stage.local();
		const witness = await stage.member("witness");
		let older = botAs(stage, "ann", "annsmith@gmail.com");
		await older.waitFor({ type: "welcome" });
		const spellings = [
			"annsmith@gmail.com",
			"A.N.N.smith@Gmail.com",
			"ann.smith+bot@googlemail.com",
		];
		for (const email of spellings) {
			const newer = botAs(stage, "ann", email);
			const welcome = await newer.waitFor({ type: "welcome" });
			expect(welcome).toMatchObject({
				name: "ann",
				members: [{ name: "witness" }, { name: "ann" }],
			});
			expect(await older.exit()).toBe(3);
			expect(older.lines.at(-1)).toMatchObject({ type: "closed", reason: "replaced" });
			expect(await stage.keyFiles()).toHaveLength(2);
			older = newer;
		}
		older.say("here I am");
		await witness.waitFor({ type: "said", from: "ann", text: "here I am" });
		const changes = ["joined", ...spellings.flatMap(() => ["left", "joined"])];
		expect(comings(witness)).toEqual(changes.map((type) => [type, "ann"]));
	});

	test("under another name: the old name is free at once", async () => {
		await using stage = await Stage.local();
		const first = await stage.member("ann");
		const second = botAs(stage, "anna", "a.n.n@gmail.com");
		await second.waitFor({ type: "welcome" });
		const third = botAs(stage, "Ann", "another.ann@gmail.com");
		expect(await third.waitFor({ type: "welcome" })).toMatchObject({
			members: [{ name: "anna" }, { name: "Ann" }],
		});
		expect(await first.exit()).toBe(3);
	});

	test("dots and case of another domain's addresses tell two people apart", async () => {
		await using stage = await Stage.local();
		const first = botAs(stage, "ann", "ann.smith@example.com");
		await first.waitFor({ type: "welcome" });
		const second = botAs(stage, "other", "annsmith@example.com");
		expect(await second.waitFor({ type: "welcome" })).toMatchObject({
			members: [{ name: "ann" }, { name: "other" }],
		});
	});
});

test("twenty members who talk at once all hear everything in one order", async () => {
	await using stage = await Stage.local();
	// No i and no l: they would look alike.
	const names = [..."abcdefghjkmnopqrstuv"].map((letter) => `bot-${letter}`);
	const bots = names.map((name) => stage.bot(name));
	for (const bot of bots) await bot.waitFor({ type: "welcome" });
	const texts = names.flatMap((name) => [0, 1, 2, 3, 4].map((index) => `${name} ${index}`));
	for (const [index, bot] of bots.entries()) {
		for (const text of texts.slice(index * 5, index * 5 + 5)) bot.say(text);
	}
	const said = (bot: Bot): Json[] => bot.lines.filter(({ type }) => type === "said");
	for (const bot of bots) await eventually("all of it", () => said(bot).length === texts.length);

	const [first, ...others] = bots.map(said);
	for (const other of others) expect(other).toEqual(first ?? []);
	const seqs = first?.map(({ seq }) => Number(seq)) ?? [];
	expect(seqs).toEqual(seqs.map((_, index) => Number(seqs[0]) + index));
	expect(first?.map(({ text }) => text).sort()).toEqual(texts.sort());
	for (const name of names) {
		const own = first?.filter(({ from }) => from === name).map(({ text }) => text);
		expect(own).toEqual([0, 1, 2, 3, 4].map((index) => `${name} ${index}`));
	}
});

test("a connection that is half-closed, reset or killed leaves no ghost", async () => {
	await using stage = await Stage.openWith({ isLocal: true, endsWhenEmpty: true }, "--grace", "0");
	const ann = await stage.memberProgram("ann");
	const waitUntilTold = (count: number) =>
		eventually("all told", () => comings(ann).length === count);
	for (const [index, end] of (["end", "cut"] as const).entries()) {
		const ghost = await Peer.member(stage, "ghost");
		ghost[end]();
		await waitUntilTold(index * 4 + 2);
		expect(await stage.keyFiles()).toHaveLength(1);
		// The name is free for another account.
		const who = ["--name", "ghost", "--email", "no.ghost@gmail.com"];
		const env = { FERNET_CHAT_PASSWORD: PASSWORD };
		const next = stage.tidy(Bot.program(stage.clientArgs(...who), env));
		expect(await next.waitFor({ type: "welcome" })).toMatchObject({
			members: [{ name: "ann" }, { name: "ghost" }],
		});
		next.kill("SIGKILL");
		await waitUntilTold(index * 4 + 4);
		expect(await stage.keyFiles()).toHaveLength(1);
	}
	const twice = ["joined", "left", "joined", "left"];
	expect(comings(ann)).toEqual([...twice, ...twice].map((type) => [type, "ghost"]));
	ann.kill("SIGKILL");
	expect(await stage.server.exit()).toBe(0);
	expect(await stage.keyFiles()).toEqual([]);
});

test("a member whose connection broke comes back by another: it missed nothing, nobody left", async () => {
	await using stage = await Stage.local();
	const ann = await stage.member("ann");
	let bob = await Peer.member(stage, "bob");
	const heard: string[] = [];
	for (const end of ["end", "cut", "end"] as const) {
		bob[end]();
		await eventually("no key", async () => (await stage.keyFiles()).length === 1);
		for (const type of ["say", "tell"]) ann.send({ type, to: "bob", text: `${type} ${end}` });
		await eventually("both", () => ann.lines.at(-1)?.type === "told");
		heard.push(`say ${end}`, `tell ${end}`);
		bob = await Peer.resume(stage, bob);
		await eventually("both", () => bob.messages.some(({ type }) => type === "told"));
		const missed = bob.messages.flatMap(({ text }) => (text === undefined ? [] : [String(text)]));
		expect(missed).toEqual(heard.slice(-2));
		expect(bob.messages[0]).toMatchObject({ type: "resumed", lost: { events: 0, private: 0 } });
	}
	ann.say("live again");
	await eventually("the echo", () => bob.messages.some(({ text }) => text === "live again"));
	expect(comings(ann)).toEqual([["joined", "bob"]]);
	expect(stage.logins).toEqual(["ann@gmail.com", "bob@gmail.com"]);
});

test("lines that come byte by byte, and several at once, are lines all the same", async () => {
	await using stage = await Stage.local();
	const peer = stage.tidy(new Peer(stage.port));
	new KeyFolder(stage.keys).save(peer.id, peer.key);
	const login = { type: "login", name: "ann", email: "ann@gmail.com", password: PASSWORD };
	for (const byte of `FERNET-CHAT/1 ${peer.id}\n${peer.token(login)}\n`) {
		peer.raw(byte);
		// Each byte gets a turn of its own, so that each is a packet of its own.
		await new Promise((resolve) => setImmediate(resolve));
	}
	await peer.waitFor("welcome");
	const says = ["a", "b", "c"].map((id) => peer.token({ type: "say", id, text: `text ${id}` }));
	peer.raw(`${says.join("\n")}\n`);
	await eventually("three echoes", () => peer.messages.some(({ id }) => id === "c"));
	const heard = peer.messages.filter(({ type }) => type === "said").map(({ text }) => text);
	expect(heard).toEqual(["text a", "text b", "text c"]);
});

test("a message sent again under its id is said once; an id of another account is another", async () => {
	await using stage = await Stage.local();
	const ann = await Peer.member(stage, "ann");
	const bob = await Peer.member(stage, "bob");
	for (const text of ["once", "again"]) ann.send({ type: "say", id: "1", text });
	ann.send({ type: "say", id: "2", text: "next" });
	await eventually("both", () => bob.messages.some(({ id }) => id === "2"));
	bob.send({ type: "say", id: "1", text: "mine" });
	const said = () => ann.messages.filter(({ type }) => type === "said");
	await eventually("the last of it", () => said().some(({ from }) => from === "bob"));
	expect(said().map(({ text }) => text)).toEqual(["once", "next", "mine"]);
});

/** Whether an id is among the last messages: somebody may have left after it. */
const heard = (peer: Peer, id: string): boolean =>
	peer.messages.slice(-10).some((message) => message.id === id);

/** Says a round of long texts, and waits until every hearer has heard it. */
async function rant(talker: Peer, round: number, hearers: Peer[]): Promise<void> {
	for (let index = 0; index < 100; index++) {
		talker.send({ type: "say", id: `${round}-${index}`, text: noise(8192) });
	}
	for (const hearer of hearers) {
		await eventually(`round ${round}`, () => heard(hearer, `${round}-99`));
	}
}

test("a member who stops reading is let go and told so, and nobody else has to wait", async () => {
	const flags = ["--message-rate", "1000000", "--message-burst", "1000000"];
	flags.push("--queue-bytes", String(2 * 1024 * 1024));
	await using stage = await Stage.local("--grace", "0", ...flags);
	const talker = await Peer.member(stage, "talker");
	const listener = await Peer.member(stage, "listener");
	const sleeper = await stage.memberProgram("sleeper");
	const leavers = await Promise.all(["a", "b", "c", "d"].map((name) => Peer.member(stage, name)));
	sleeper.kill("SIGSTOP");
	const isGone = () =>
		listener.messages.some(({ type, name }) => type === "left" && name === "sleeper");
	// Until it is beyond what the kernel and the server keep for one reader.
	for (let round = 0; round < 40 && !isGone(); round++) {
		await rant(talker, round, [talker, listener]);
		// The reader must also be too slow for new keys, which a leaver brings.
		if (round % 2 === 1) leavers.pop()?.send({ type: "leave" });
	}
	expect(isGone()).toBe(true);
	sleeper.kill("SIGCONT");
	// The client comes back, but the server has kept no place for it, so that it logs in again.
	await sleeper.waitFor({ type: "rejoining" });
	const [told, rejoining] = sleeper.lines.slice(
		sleeper.lines.findIndex(({ type }) => type === "offline"),
	);
	expect(told).toEqual({ type: "offline", ...reason("too_slow") });
	expect(rejoining).toEqual({ type: "rejoining", ...reason("resume_expired") });
});
