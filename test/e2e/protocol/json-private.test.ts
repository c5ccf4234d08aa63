import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import { listen } from "../../support/listen.ts";
import { memberAs, settle } from "../../support/owners.ts";
import { Peer } from "../../support/peer.ts";
import { type Bot, type Json, Stage } from "../../support/programs.ts";
import { visitOf } from "../moderation/meeting.ts";

// `bun client.ts --json`: private lines, and what becomes of a line that was sent.

let stage: Stage;
let ann: Bot;
let bob: Bot;
let carol: Bot;

beforeAll(async () => {
	stage = await Stage.local();
	ann = await stage.member("ann");
	bob = await stage.member("bob");
	carol = await stage.member("carol");
});

afterAll(() => stage[Symbol.asyncDispose]());

const all = (bot: Bot, id: string): Json[] => bot.lines.filter((line) => line.id === id);
const types = (bot: Bot, id: string): string[] => all(bot, id).map(({ type }) => type);

test("tell: pending, then told to its author and its reader, and to nobody else", async () => {
	ann.send({ type: "tell", id: "t1", to: "BOB", text: "for you\nalone" });
	const told = await bob.waitFor({ type: "told", id: "t1" });
	await ann.waitFor({ type: "told", id: "t1" });
	await settle(ann, bob, carol);
	const words = { id: "t1", text: "for you\nalone" };
	const heard = { type: "told", ...words, at: expect.any(Number), from: "ann", to: "bob" };
	expect(told).toEqual(heard);
	// The client adds the visit that the bot has been shown.
	const visit = await visitOf(bob);
	expect(all(ann, "t1")).toEqual([{ type: "pending", ...words, to: "BOB", visit }, told]);
	expect(all(bob, "t1")).toEqual([told]);
	expect(carol.out).not.toContain("alone");
});

test("say: pending, then said; without an id it gets one, and me stays me", async () => {
	ann.send({ type: "say", text: "waves", me: true });
	const said = await ann.waitFor({ type: "said", text: "waves" });
	const pending = { type: "pending", id: said.id, text: "waves", me: true };
	expect(all(ann, String(said.id))).toEqual([pending, said]);
	expect(said.id).toMatch(/^[\w-]{1,36}$/);
	ann.send({ type: "tell", to: "bob", text: "nameless" });
	const told = await bob.waitFor({ type: "told", text: "nameless" });
	expect(types(ann, String(told.id))[0]).toBe("pending");
});

test("reply tells whoever said, and whoever told", async () => {
	bob.send({ type: "say", id: "q1", text: "who knows?" });
	await ann.waitFor({ type: "said", id: "q1" });
	ann.send({ type: "reply", id: "a1", to: "q1", text: "I know" });
	expect(await bob.waitFor({ type: "told", id: "a1" })).toMatchObject({ from: "ann", to: "bob" });
	bob.send({ type: "reply", id: "a2", to: "a1", text: "then say" });
	expect(await ann.waitFor({ type: "told", id: "a2" })).toMatchObject({ from: "bob", to: "ann" });
	await settle(bob, carol);
	expect([...all(carol, "a1"), ...all(carol, "a2")]).toEqual([]);
	const pending = { type: "pending", id: "a1", to: "bob", visit: await visitOf(bob) };
	expect(all(ann, "a1")[0]).toEqual({ ...pending, text: "I know" });
});

test("a reply goes to whoever had the id first, never to one who takes the same id", async () => {
	bob.send({ type: "say", id: "same", text: "bob's" });
	await ann.waitFor({ type: "said", id: "same", from: "bob" });
	const mallory = await stage.member("mallory");
	mallory.send({ type: "say", id: "same", text: "mallory's" });
	await ann.waitFor({ type: "said", id: "same", from: "mallory" });
	ann.send({ type: "reply", to: "same", text: "a secret for bob" });
	await settle(ann, mallory);
	expect(mallory.out).not.toContain("a secret for bob");
});

const bad: [what: string, request: Json][] = [
	["a reply to an id that nobody had", { type: "reply", to: "never-said", text: "hello" }],
	["a reply to a name", { type: "reply", to: "bob", text: "hello" }],
	["a reply to nothing", { type: "reply", text: "hello" }],
	["a reply without a text", { type: "reply", to: "known" }],
	["a tell to nobody", { type: "tell", text: "hello" }],
	["a tell to what is no name", { type: "tell", to: "b b", text: "hello" }],
	["a tell without a text", { type: "tell", to: "bob" }],
	["a tell with an empty text", { type: "tell", to: "bob", text: "" }],
	["an id that is none", { type: "tell", to: "bob", text: "hello", id: "a b" }],
];

test.each(bad)("%s is refused, and nothing is sent", async (_, request) => {
	bob.send({ type: "say", id: "known", text: "known" });
	await ann.waitFor({ type: "said", id: "known" });
	const before = ann.lines.length;
	ann.send(request);
	await settle(ann, bob);
	const [refused, ...more] = ann.lines.slice(before);
	expect(refused).toMatchObject({ type: "refused", code: "bad_input" });
	expect(more.map(({ type }) => type)).toEqual(["pending", "said"]);
});

test("a line to nobody here is refused, and is told under its id when somebody comes", async () => {
	for (const given of [{ id: "early" }, {}]) {
		ann.send({ type: "tell", ...given, to: "dora", text: "hello" });
		const text = expect.stringContaining("dora");
		const refused = { type: "refused", ...given, code: "no_such_member", text };
		await settle(ann);
		expect(ann.lines.findLast(({ type }) => type === "refused")).toEqual(refused);
	}
	expect(types(ann, "early")).toEqual(["refused"]);
	const dora = await stage.member("dora");
	await ann.waitFor({ type: "joined", name: "dora", visit: await visitOf(dora) });
	ann.send({ type: "tell", id: "early", to: "dora", text: "hello" });
	await dora.waitFor({ type: "told", id: "early" });
	await ann.waitFor({ type: "told", id: "early" });
	expect(types(ann, "early")).toEqual(["refused", "pending", "told"]);
	dora.send({ type: "leave" });
	await dora.exit();
});

/** Checks that a reply to `to` fails, and that none of those who are here now hears of it. */
async function expectReachesNobody(to: string): Promise<void> {
	const id = `reply-${to}`;
	const text = `a secret for the author of ${to}`;
	ann.send({ type: "reply", id, to, text });
	const failed = await ann.waitFor({ type: "failed", id });
	expect(failed).toMatchObject({ code: "no_such_member" });
	expect(types(ann, id)).toEqual(["pending", "failed"]);
	await settle(bob, ann, carol);
	for (const bot of [bob, carol]) expect(bot.out).not.toContain(text);
}

test("a reply to somebody who has left fails, and reaches nobody who has the name since", async () => {
	const first = await stage.member("emma");
	await bob.waitFor({ type: "joined", visit: await visitOf(first) });
	first.send({ type: "say", id: "said-by-emma", text: "who knows?" });
	first.send({ type: "tell", id: "told-by-emma", to: "ann", text: "do you?" });
	await ann.waitFor({ type: "told", id: "told-by-emma" });
	first.send({ type: "leave" });
	await first.exit();
	await settle(bob, ann);
	await expectReachesNobody("said-by-emma");
	const second = await memberAs(stage, "emma", "mallory@gmail.com");
	await ann.waitFor({ type: "joined", visit: await visitOf(second) });
	await expectReachesNobody("told-by-emma");
	ann.send({ type: "reply", id: "again", to: "said-by-emma", text: "a secret for the first emma" });
	expect(await ann.waitFor({ type: "failed", id: "again" })).toMatchObject({
		code: "no_such_member",
	});
	await settle(second, ann);
	expect(second.out).not.toContain("a secret for");

	// The member who has the name now can be told by it, and answered.
	second.send({ type: "say", id: "said-by-another", text: "I know" });
	await ann.waitFor({ type: "said", id: "said-by-another" });
	ann.send({ type: "reply", id: "to-another", to: "said-by-another", text: "tell me" });
	await second.waitFor({ type: "told", id: "to-another" });
});

/** Checks how long a bot waits for an echo: `failed` comes neither at once nor never. */
async function failsInTime(bot: Bot, id: string, since: number): Promise<void> {
	const failed = await bot.waitFor({ type: "failed", id });
	const text = expect.any(String);
	expect(failed).toEqual({ type: "failed", id, code: "no_echo", text });
	expect(Date.now() - since).toBeGreaterThan(4000);
	expect(Date.now() - since).toBeLessThan(9000);
}

test.concurrent("a server that stands still: failed; then all is said, and said once", async () => {
	await using still = await Stage.open();
	const [bot, witness] = [await still.member("bot"), await still.member("witness")];
	still.server.kill("SIGSTOP");
	const since = Date.now();
	bot.send({ type: "say", id: "s1", text: "one" });
	bot.send({ type: "say", id: "s2", text: "two" });
	bot.send({ type: "tell", id: "s3", to: "witness", text: "three" });
	for (const id of ["s1", "s2", "s3"]) await failsInTime(bot, id, since);
	bot.send({ type: "say", id: "s2", text: "two" });
	bot.send({ type: "tell", id: "s3", to: "witness", text: "three" });
	still.server.kill("SIGCONT");
	await bot.waitFor({ type: "told", id: "s3" });
	await settle(bot, witness);
	const once = (bot: Bot) => ["s1", "s2", "s3"].map((id) => types(bot, id));
	expect(once(witness)).toEqual([["said"], ["said"], ["told"]]);
	expect(types(bot, "s1")).toEqual(["pending", "failed", "said"]);
	for (const [id, echo] of [
		["s2", "said"],
		["s3", "told"],
	] as const) {
		const states = types(bot, id);
		// The second "pending" may stand before or after the echo: the two race.
		expect(states.filter((state) => state !== "pending")).toEqual(["failed", echo]);
		expect(states.filter((state) => state === "pending")).toHaveLength(2);
	}
});

/** A way to the server that loses what a client sends once it is `deaf`. */
async function badLine(port: number) {
	const line = { port: 0, deaf: false };
	const listener = createServer((client) => {
		const server = connect(port, "127.0.0.1");
		client.on("data", (chunk) => line.deaf || server.write(chunk));
		server.pipe(client);
		client.on("close", () => server.destroy()).on("error", () => {});
	});
	line.port = await listen(listener);
	return Object.assign(line, { [Symbol.asyncDispose]: async () => void listener.close() });
}

test.concurrent("another's line of the same id is no receipt", async () => {
	await using room = await Stage.local();
	await using line = await badLine(room.port);
	const bot = room.bot("bot", undefined, line.port);
	await bot.waitFor({ type: "welcome" });
	const other = await Peer.member(room, "other");
	line.deaf = true;
	const since = Date.now();
	bot.send({ type: "say", id: "1", text: "mine" });
	await bot.waitFor({ type: "pending", id: "1" });
	other.send({ type: "say", id: "1", text: "theirs" });
	await bot.waitFor({ type: "said", id: "1" });
	await failsInTime(bot, "1", since);
});
