import { afterAll, expect, test } from "bun:test";
import { reason } from "../../../lib/wire/errors/reason.ts";
import { eventually } from "../../support/eventually.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import type { Bot, Json } from "../../support/programs.ts";
import { Screen } from "../../support/terminal.ts";
import { WallClock } from "../../support/wall-clock.ts";
import { KeptRoom } from "./kept-room.ts";

// A server with a room file ends, by a signal or killed, and is started again: the room goes on.

const clock = new WallClock();
const kept = await KeptRoom.open(
	{ env: clock.passingEnv },
	...["--owner", "boss@gmail.com", "--title", "at first", "--idle-time", "3600"],
);
const { stage } = kept;
afterAll(async () => {
	await kept[Symbol.asyncDispose]();
	clock[Symbol.dispose]();
});

let passed = 0;
/** Time passes for the server, in an instant. */
function pass(seconds: number): void {
	passed += seconds;
	clock.set(passed);
}

const boss = await stage.member("boss");
const bob = await stage.member("bob");
const dora = await stage.member("dora");
/** Comes back when the test says so, and not before. */
const carol = await Peer.member(stage, "carol");
const who = ["--name", "ann", "--email", "ann@gmail.com"];
const ann = stage.tidy(
	new Screen("client.ts", stage.clientArgs(...who), {
		env: { FERNET_CHAT_PASSWORD: PASSWORD },
		...{ cols: 100, rows: 50, isLocal: true },
	}),
);
await ann.waitForText("You are ann");
let pat = await Peer.member(stage, "pat");
/** Confirms nothing, and never comes back. */
const frank = await Peer.member(stage, "frank");

const of = (bot: Bot, wanted: string): Json[] => bot.lines.filter(({ type }) => type === wanted);
const textsOf = (bot: Bot): unknown[] => of(bot, "said").map(({ text }) => text);

/** Waits until a bot has got lines of a type `times` times; returns the last. */
async function waitForCount(bot: Bot, times: number, type: string): Promise<Json | undefined> {
	const found = () => bot.out + bot.err;
	await eventually(`${times} times ${type}`, () => of(bot, type).length >= times, found);
	return of(bot, type).at(-1);
}

test("before: what the room is to keep", async () => {
	boss.send({ type: "title", title: "tea at five" });
	boss.send({ type: "mute", name: "dora" });
	boss.send({ type: "ban", who: "eve@gmail.com" });
	await bob.waitFor({ type: "banned" });
	pat.send({ type: "say", id: "used", text: "once only" });
	await bob.waitFor({ type: "said", text: "once only" });
	carol.cut();
	await stage.server.waitForOutput(" offline carol ");
	pass(20);
	await bob.waitFor({ type: "away", name: "carol" });
	for (const to of ["carol", "frank"]) boss.send({ type: "tell", to, text: `for ${to}` });
	await boss.waitFor({ type: "told", text: "for frank" });
	await frank.waitFor("told");
});

let restarts = 0;
let logins = 0;

test.each([
	["SIGTERM", 0, reason("moving").text],
	["SIGKILL", 137, "The connection to the server was lost."],
] as const)("%s: members see that they are trying, and come back by themselves", async (...how) => {
	const [signal, code, text] = how;
	const stranger = Peer.greeting(stage);
	const silent = stage.tidy(new Peer(stage.port));
	// The server has accepted both by the time it has let in somebody who came after them.
	pat = await Peer.resume(stage, pat);
	logins = stage.logins.length;
	expect(await kept.stop(signal)).toBe(code);
	restarts++;
	for (const bot of [boss, bob, dora]) {
		expect(await waitForCount(bot, restarts, "offline")).toMatchObject({ text });
	}
	await ann.waitForText(`${text} Reconnecting.`);
	for (const peer of [stranger, silent]) await peer.waitUntilClosed();
	ann.type(`typed in the dark, ${signal}\r`);
	await ann.waitForText(`… typed in the dark, ${signal}`);
	bob.say(`said in the gap, ${signal}`);
	if (signal === "SIGTERM") {
		for (const { messages, received } of [stranger, silent]) {
			expect(received + JSON.stringify(messages)).toContain("server_stopped");
		}
		expect(stage.server.out).toContain("The room goes on when you start the server again");
	}
	await kept.start();
	for (const bot of [boss, bob, dora]) {
		expect(await waitForCount(bot, restarts, "online")).toMatchObject({ lost: 0 });
	}
	for (const text of [`typed in the dark, ${signal}`, `said in the gap, ${signal}`]) {
		for (const bot of [boss, bob]) await bot.waitFor({ type: "said", text });
	}
	await ann.waitForText(new RegExp(`ann.* typed in the dark, ${signal}`));
	expect(stage.logins).toHaveLength(logins);
	pat = await Peer.resume(stage, pat);
	pat.send({ type: "say", id: "used", text: "once only" });
	expect(await pat.waitFor("refused")).toMatchObject({ code: "already_said", id: "used" });
});

test("nothing was missed, and nothing came twice", async () => {
	for (const bot of [boss, bob]) {
		const seqs = bot.lines.flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));
		expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
		expect(of(bot, "left")).toEqual([]);
		// The others hear of Carol's absence once, and may hear of somebody else's on a slow machine.
		expect(of(bot, "away").filter(({ name }) => name === "carol")).toHaveLength(1);
		expect(textsOf(bot).toSorted()).toEqual([
			"once only",
			...["SIGKILL", "SIGTERM"].map((signal) => `said in the gap, ${signal}`),
			...["SIGKILL", "SIGTERM"].map((signal) => `typed in the dark, ${signal}`),
		]);
	}
	expect(textsOf(bob)).toEqual(textsOf(boss));
	for (const text of textsOf(bob)) {
		const isOnce = () => ann.text.split(String(text)).length === 2;
		await eventually(`${text} once`, isOnce, () => ann.text);
	}
});

test("title, mutes and bans of before hold", async () => {
	const gwen = await stage.member("gwen");
	expect(gwen.lines[0]).toMatchObject({ title: "tea at five" });
	dora.say("let me speak");
	expect(await dora.waitFor({ type: "failed" })).toMatchObject({ code: "muted" });
	boss.send({ type: "bans" });
	expect(await boss.waitFor({ type: "banlist" })).toMatchObject({ addresses: ["eve@gmail.com"] });
	const eve = stage.bot("eve");
	expect(await eve.exit()).not.toBe(0);
	expect(eve.lines.at(-1)).toMatchObject({ type: "denied", code: "banned" });
	boss.send({ type: "unmute", who: "dora" });
	dora.say("I may again");
	await bob.waitFor({ type: "said", text: "I may again" });
});

test("a member that was away all the while gets what was said meanwhile", async () => {
	const back = await Peer.resume(stage, carol);
	await bob.waitFor({ type: "back", name: "carol" });
	await back.waitFor("back");
	const lines = [...carol.messages, ...back.messages];
	expect(await back.waitFor("resumed")).toMatchObject({ lost: { events: 0, private: 0 } });
	const texts = (wanted: string) =>
		lines.flatMap(({ type, text }) => (type === wanted ? [text] : []));
	expect(texts("told")).toEqual(["for carol"]);
	expect(texts("said")).toEqual(textsOf(bob));
});

test("a private line that never arrived is reported to its author", async () => {
	pass(601);
	await boss.waitFor({ type: "left", name: "frank" });
	expect(await boss.waitFor({ type: "unconfirmed" })).toMatchObject({ name: "frank", count: 1 });
	expect(of(boss, "unconfirmed")).toHaveLength(1);
});
