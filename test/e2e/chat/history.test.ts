import { afterAll, beforeAll, expect, test } from "bun:test";
import { FaultProxy } from "../../support/fault.ts";
import { PASSWORD } from "../../support/mailbox.ts";
import { Peer } from "../../support/peer.ts";
import { type Json, Stage } from "../../support/programs.ts";
import { printed, start } from "../protocol/python-client.ts";
import { enter, say, tell, waitForMessage } from "../terminal/visit.ts";

// A room that gives newcomers what was said before, and what they see of it.

const READABLE =
	"-- Anyone who joins later can read what was said before: 5 messages at most, never a private one.";

let stage: Stage;
let bob: Peer;

beforeAll(async () => {
	stage = await Stage.local("--history", "5", "--grace", "60");
	bob = await Peer.member(stage, "bob");
	await Peer.member(stage, "carol");
	await bob.waitFor("joined");
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Bob says these, and something to Carol before the last. */
async function talk(...texts: string[]): Promise<void> {
	for (const text of texts) {
		if (text === texts.at(-1)) tell(bob, "carol", "for carol alone");
		say(bob, text);
	}
	await waitForMessage(bob, { type: "said", text: texts.at(-1) });
}

/** The events of a bot's lines, each after a mark if it is history. */
const heard = (lines: Json[]): unknown[] =>
	lines.flatMap((line) => {
		const event = line.type === "history" ? (line.event as Json) : line;
		const shown = event.text ?? (event.type === "joined" ? `${event.name} joined` : undefined);
		return shown === undefined ? [] : [line === event ? shown : `history: ${shown}`];
	});

test("on a terminal: what was said before, between two notes, without a bell", async () => {
	await talk("too old", "one", "two", "hello @ann", "three", "four");
	await using screen = await enter(stage, "ann", { cols: 120 });
	await screen.waitForText("-- You joined here.");
	screen.type("my line\r");
	await screen.waitForText("ann: my line");
	say(bob, "now");
	await screen.waitForText("bob: now");
	const lines = screen.lines.map((line) => line.replace(/^▐ (\d\d:\d\d )?/, ""));
	const shown = lines.slice(lines.findIndex((line) => line.startsWith("-- You are ann")));
	expect(shown.slice(0, 10)).toEqual([
		"-- You are ann. Also here: bob, carol. Type /help for the commands.",
		READABLE,
		"-- What was said before you joined:",
		...["bob: one", "bob: two", "» bob: hello @ann", "bob: three", "bob: four"],
		...["-- You joined here.", "ann: my line"],
	]);
	expect(shown[10]).toBe("bob: now");
	expect(screen.written).not.toContain("\x07");
	expect(screen.text).not.toContain("for carol alone");
	screen.type("/leave\r");
	await screen.exit();
});

test("in plain lines: the same, with who came and went", async () => {
	await talk("one", "two", "three");
	const guest = await Peer.member(stage, "guest");
	guest.send({ type: "leave" });
	await guest.waitUntilClosed();
	await using screen = await enter(stage, "ann", { flags: ["--plain"], cols: 120 });
	await screen.waitForText("-- You joined here.");
	const lines = screen.lines.map((line) => line.replace(/^▐ (\d\d:\d\d )?/, ""));
	expect(lines.slice(lines.indexOf(READABLE))).toEqual([
		...[READABLE, "-- What was said before you joined:", "bob: one", "bob: two", "bob: three"],
		...["→ guest joined", "← guest left", "-- You joined here."],
	]);
	screen.type("/leave\n");
	await screen.exit();
});

test("to a bot: as history, so that it answers nothing old; and it cannot reply to it", async () => {
	await talk("one", "two", "three", "four", "five");
	const bot = await stage.member("bot");
	await bot.waitFor({ type: "history" });
	say(bob, "now");
	await bot.waitFor({ type: "said", text: "now" });
	expect(bot.lines[0]).toMatchObject({ type: "welcome", history: { events: 5 } });
	expect(heard(bot.lines)).toEqual([
		...["one", "two", "three", "four", "five", "bot joined"].map((text) => `history: ${text}`),
		"now",
	]);
	const { event } = bot.lines.find(({ type }) => type === "history") as { event?: Json };
	expect(event).toMatchObject({ type: "said", from: "bob", text: "one", at: expect.any(Number) });
	bot.send({ type: "reply", to: event?.id, text: "yes" });
	await bot.waitFor({ type: "refused", code: "bad_input" });
	bot.say("mine");
	await bot.waitFor({ type: "said", from: "bot", text: "mine" });
	bot.send({ type: "leave" });
	await bot.exit();
});

test("on the wire: in the welcome's own token, before any batch, and all of it numbered", async () => {
	await talk("one", "two", "three", "four", "five");
	const peer = await Peer.member(stage, "peer");
	say(bob, "now");
	await waitForMessage(peer, { type: "said", text: "now" });
	const [first = ""] = peer.received.split("\n");
	const { messages } = JSON.parse(peer.fernet.decrypt(first.slice(2)).toString());
	expect(messages.map(({ type }: Json) => type)).toEqual(["welcome", "replay"]);
	const [{ seq, history }, replay] = messages;
	expect(history).toEqual({ events: 5, until: seq + 6 });
	expect(replay.events.map((event: Json) => Number(event.seq) - seq)).toEqual([1, 2, 3, 4, 5, 6]);
	expect(replay.events.at(-1)).toMatchObject({ type: "joined", name: "peer" });
	const after = peer.messages.find(({ text }) => text === "now");
	expect(after?.seq).toBe(history.until + 1);
	expect(JSON.stringify(peer.messages)).not.toContain("for carol alone");
	peer.send({ type: "leave" });
	await peer.waitUntilClosed();
});

test("to the client in Python: marked, and in order with what follows", async () => {
	await talk("one", "two", "three", "four", "five");
	await using script = start(stage.port, stage.keys);
	const { err, code, lines } = await printed(script);
	expect({ err, code }).toEqual({ err: "", code: 0 });
	const old = lines.filter(({ earlier }) => earlier === true);
	expect(old.map(({ text, name }) => text ?? name)).toEqual([
		...["one", "two", "three", "four", "five", "py"],
	]);
	expect(lines.filter(({ earlier }) => !earlier).map(({ type }) => type)).toEqual([
		...["welcome", "said", "closing"],
	]);
});

test("a long history that breaks off goes on where it broke, as history, with nothing twice", async () => {
	const texts = Array.from({ length: 120 }, (_, i) => `${i} ${"x".repeat(4000)}`);
	const rates = ["--message-rate", "1000000", "--message-burst", "1000000"];
	await using own = await Stage.local("--history", "120", ...rates);
	const dave = await Peer.member(own, "dave");
	for (const text of texts) say(dave, text);
	await waitForMessage(dave, { type: "said", text: texts.at(-1) });
	let after = 300_000;
	await using proxy = await FaultProxy.open(own.port, () => {
		after += 100_000;
		return after > 600_000 ? {} : { cut: { way: "down", after, how: "reset" } };
	});
	const bot = own.bot("bot", PASSWORD, proxy.port);
	// Said before all has come, it is said behind it, once.
	await bot.waitFor({ type: "history" });
	bot.say("mine");
	await bot.waitFor({ type: "said", text: "mine" });
	expect(proxy.cuts).toBeGreaterThan(0);
	expect(heard(bot.lines.filter(({ type }) => type === "history" || type === "said"))).toEqual([
		...texts.map((text) => `history: ${text}`),
		...["history: bot joined", "mine"],
	]);
	expect(bot.lines.filter(({ type }) => type === "online").map(({ lost }) => lost)).toEqual(
		Array.from({ length: proxy.cuts }, () => 0),
	);
});
