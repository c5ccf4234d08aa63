import { describe, expect, test } from "bun:test";
import { reason } from "../../../../lib/wire/errors/reason.ts";
import { ConversationHarness } from "./conversation-harness.ts";

test("the greeting names who is here, or counts them", () => {
	const greeting = (count: number): string => {
		const others = Array.from({ length: count }, (_, index) => `m${index}`);
		const harness = new ConversationHarness([...others, "ann"]);
		harness.conversation.greet();
		return harness.printed.join();
	};
	expect(greeting(0)).toContain("You are ann. Nobody else is here yet.");
	expect(greeting(2)).toContain("Also here: m0, m1.");
	expect(greeting(500)).toContain("Also here: 500 others.");
});

test("people who come within a moment are one line, and so are those who go", () => {
	const harness = new ConversationHarness();
	harness.moves("joined", "carl", "dora");
	harness.passes(100);
	expect(harness.printed).toEqual([]);
	harness.moves("joined", "eve");
	harness.passes(100);
	expect(harness.printed).toEqual(["→ carl, dora, eve joined"]);
	harness.moves("left", "carl");
	harness.moves("joined", "fay");
	harness.passes(1000);
	expect(harness.printed.slice(1)).toEqual(["← carl left", "→ fay joined"]);
	expect(harness.conversation.visits.names.sort()).toEqual(["ann", "bob", "dora", "eve", "fay"]);
});

test("a crowd that comes without a pause is shown now and then", () => {
	const harness = new ConversationHarness();
	for (let i = 0; i < 100; i++) {
		harness.moves("joined", `m${i}`);
		harness.passes(10);
	}
	harness.passes(1000);
	expect(harness.printed.length).toBeGreaterThan(2);
	expect(harness.printed.length).toBeLessThanOrEqual(6);
});

test("nothing is shown out of the room's order", () => {
	const harness = new ConversationHarness();
	harness.moves("joined", "carl");
	harness.says("carl", "hello");
	harness.moves("left", "carl");
	harness.tells("bob", "ann", "he has gone");
	expect(harness.printed).toEqual([
		"→ carl joined",
		"carl: hello",
		"← carl left",
		" PRIVATE  bob → you: he has gone",
	]);
});

test("a member that joined at the very end is shown before the end", () => {
	const harness = new ConversationHarness();
	harness.moves("joined", "carl");
	harness.conversation.end();
	expect(harness.printed).toEqual(["→ carl joined"]);
});

test("what was sent is on its way until its echo, whichever kind it is", () => {
	const harness = new ConversationHarness();
	harness.actions.say("hello", false);
	const said = harness.id;
	harness.actions.say("waves", true);
	harness.actions.tell("bob", "psst");
	expect(harness.sent).toMatchObject([
		{ type: "say", text: "hello" },
		{ type: "say", text: "waves", me: true },
		{ type: "tell", to: "bob", visit: "bob-1", text: "psst" },
	]);
	harness.tells("ann", "bob", "psst", harness.id);
	harness.says("ann", "hello", said);
	expect(harness.conversation.delivery.pending.map(({ message }) => message.text)).toEqual([
		"waves",
	]);
	// The conversation shows only the echo, which has the room's order.
	expect(harness.printed).toEqual([" PRIVATE  you → bob: psst", "ann: hello"]);
	expect(harness.rings).toBe(0);
});

test("another's message under our id is no receipt", () => {
	const harness = new ConversationHarness();
	harness.actions.say("hello", false);
	harness.says("bob", "mine", harness.id);
	harness.tells("bob", "ann", "mine too", harness.id);
	expect(harness.conversation.delivery.pending).toHaveLength(1);
});

test("a refusal fails the line it is about, or is a problem of its own", () => {
	const harness = new ConversationHarness();
	harness.actions.tell("bob", "hello");
	harness.conversation.receive({ type: "refused", code: "no", text: "nobody", id: harness.id });
	expect([harness.failures, harness.printed]).toEqual([1, []]);
	harness.conversation.receive({ type: "refused", code: "no", text: "something else" });
	expect(harness.printed).toEqual(["!! something else"]);
	harness.actions.resend();
	expect(harness.sent.map((message) => "id" in message && message.id)).toEqual([
		harness.id,
		harness.id,
	]);
	harness.conversation.end();
	expect(harness.printed.at(-1)).toBe("!! Not sent to bob: hello");
});

test.each<[line: string, said: string]>([
	["hello", "!! Not sent: hello"],
	["/me waves", "!! Not sent: waves"],
	["/tell bob off", "!! Not sent to bob: off"],
	["/tell BOB two\nlines", "!! Not sent to bob: two\nlines"],
	["/reply yes", "!! Not sent to bob: yes"],
])("%j, not echoed by the end, is named as %j", (line, said) => {
	const harness = new ConversationHarness();
	harness.tells("bob", "ann", "well?");
	harness.actions.run(line);
	harness.conversation.end();
	expect(harness.printed.at(-1)?.replaceAll("  ┊ ", "")).toBe(said);
});

test("what cannot be a message is not sent, and what is too much neither", () => {
	const harness = new ConversationHarness();
	harness.actions.say("€".repeat(2731), false);
	harness.actions.say("\ud800", false);
	harness.actions.tell("bob", "");
	expect([harness.sent.length, harness.printed.length]).toEqual([0, 3]);
	for (let i = 0; i < 10_000; i++) harness.actions.say(`${i}`, false);
	expect([harness.sent.length, harness.printed.length]).toEqual([64, 3]);
	harness.actions.say("one more", false);
	expect(harness.conversation.delivery.pending).toHaveLength(10_000);
	expect(harness.printed.slice(3)).toEqual([
		expect.stringContaining("!! Not sent: too many messages"),
	]);
});

test("ignored is who looks like it, until told otherwise, and never oneself", () => {
	const harness = new ConversationHarness(["ann", "Bi11"]);
	harness.actions.ignore("Bill");
	harness.says("Bi11", "hello");
	harness.tells("Bi11", "ann", "hello");
	expect([harness.printed.length, harness.rings, harness.conversation.recipients.replyTo]).toEqual([
		1,
		0,
		null,
	]);
	harness.actions.ignore("bi11");
	harness.says("Bi11", "hello again");
	expect(harness.printed.at(-1)).toBe("Bi11: hello again");
	harness.actions.ignore("ann");
	harness.says("ann", "my own");
	expect(harness.printed.at(-1)).toBe("ann: my own");
});

// Up to a bound: see test/unit/client/transcript/transcript.test.ts.
test("all that was shown can be saved", () => {
	const harness = new ConversationHarness();
	for (let i = 0; i < 3; i++) harness.says("bob", `text ${i}`);
	expect(harness.printer.text).toEndWith("bob: text 0\n▐ bob: text 1\n▐ bob: text 2\n");
	const { length } = harness.printed;
	expect(harness.printer.text.split("\n").length - 1).toBe(length);
});

test("nobody ignores themselves", () => {
	const harness = new ConversationHarness();
	harness.actions.ignore("Ann");
	harness.says("ann", "still heard");
	expect(harness.printed.at(-1)).toBe("ann: still heard");
});

test("what failed is sent again, however much of it there is", () => {
	const harness = new ConversationHarness();
	for (let i = 0; i < 1000; i++) {
		harness.actions.say(`${i}`, false);
		harness.conversation.receive({ type: "refused", code: "no", text: "no", id: harness.id });
	}
	expect([harness.sent.length, harness.failures]).toEqual([1000, 1000]);
	harness.actions.resend();
	for (let i = 0; i < 1000; i++) {
		const again = harness.sent[1000 + i];
		expect(again).toEqual(harness.sent[i]);
		harness.says("ann", `${i}`, again && "id" in again ? again.id : "");
	}
	expect([harness.sent.length, harness.conversation.delivery.pending]).toEqual([2000, []]);
});

test("a request made while the connection is broken is not lost in silence", () => {
	const harness = new ConversationHarness();
	harness.isOnline = false;
	harness.actions.who();
	harness.actions.requestAsOwner({ type: "bans" });
	const problem = `!! ${reason("offline").text}`;
	expect([harness.sent, harness.printed]).toEqual([[], [problem, problem]]);
	harness.isOnline = true;
	harness.actions.who();
	expect(harness.sent).toEqual([{ type: "who" }]);
});

test("what is forgotten is counted", () => {
	const harness = new ConversationHarness();
	harness.actions.forget();
	for (const texts of [["one"], ["two", "three"]]) {
		for (const text of texts) harness.actions.say(text, false);
		harness.passes(6000);
		harness.actions.say("in flight", false);
		harness.actions.forget();
		harness.says("ann", "in flight", harness.id);
	}
	expect(harness.printed.filter((line) => line.startsWith("-- "))).toEqual([
		"-- There is nothing to forget.",
		"-- Forgot 1 unsent message.",
		"-- Forgot 2 unsent messages.",
	]);
});

test.each([
	[0, "-- Connected again. You missed nothing."],
	[1, "-- Connected again. 1 message is lost for good."],
	[3, "-- Connected again. 3 messages are lost for good."],
])("back after a break: %d lost", (lost, line) => {
	const harness = new ConversationHarness();
	harness.conversation.receive({ type: "online", lost });
	expect(harness.printed).toEqual([line]);
});

test.each([
	[[], "-- Nobody is banned."],
	[["a@gmail.com"], "-- 1 banned account:\n  ┊ a@gmail.com"],
	[["a@gmail.com", "b@gmail.com"], "-- 2 banned accounts:\n  ┊ a@gmail.com\n  ┊ b@gmail.com"],
])("who is banned: %j", (addresses, line) => {
	const harness = new ConversationHarness();
	harness.conversation.receive({ type: "banlist", addresses });
	expect(harness.printed).toEqual([line]);
});

test.each([
	[1, "1 private message"],
	[3, "3 private messages"],
])("the user reads that a member left before confirming messages: %d", (count, messages) => {
	const harness = new ConversationHarness();
	harness.conversation.receive({ type: "unconfirmed", name: "bob", visit: "bob-1", count });
	expect(harness.printed).toEqual([`-- bob left, and may not have received ${messages} from you.`]);
});

test("a pong is no news", () => {
	const harness = new ConversationHarness();
	harness.conversation.receive({ type: "pong" });
	expect(harness.printed).toEqual([]);
});

test("a message that the room has already is on its way no more, and this is shown at once", () => {
	const harness = new ConversationHarness();
	harness.actions.say("hello", false);
	harness.conversation.receive({ type: "refused", ...reason("already_said"), id: harness.id });
	expect(harness.conversation.delivery.pending).toEqual([]);
	expect([harness.changes, harness.printed]).toEqual([1, []]);
});

describe("an ignored member who leaves", () => {
	/** What was printed last. */
	const last = ({ printed }: ConversationHarness): string => printed.at(-1) ?? "";

	test.each(["bob", "BOB", "b0b"])("does not hide a later %s, and the user is told", (name) => {
		const harness = new ConversationHarness();
		harness.actions.ignore("bob");
		harness.moves("left", "bob");
		harness.moves("joined", name);
		expect(last(harness)).toContain(`To ignore this one, too: /ignore ${name}`);
		harness.says(name, "I am somebody else");
		harness.tells(name, "ann", "really");
		expect(harness.printed.slice(-2).join()).toMatch(/somebody else.*really/);
		harness.actions.ignore(name);
		harness.says(name, "and now?");
		expect(last(harness)).toContain(`You ignore ${name} now.`);
	});

	test("is not hidden either if the swap was among the events that are lost", () => {
		const harness = new ConversationHarness();
		harness.actions.ignore("bob");
		const members = ["ann", "bob"].map((name) => ({ name, visit: `later ${name}`, since: 0 }));
		harness.conversation.receive({ type: "roster", members });
		expect(last(harness)).toContain("/ignore bob");
		harness.says("bob", "hello");
		expect(last(harness)).toBe("bob: hello");
	});

	test("cannot be ignored afterwards: not by a line typed before, and not by name", () => {
		const harness = new ConversationHarness();
		harness.conversation.recipients.drafting("/ignore bob");
		harness.moves("left", "bob");
		harness.moves("joined", "bob");
		harness.actions.ignore("bob");
		expect(last(harness)).toContain('The "bob" whom you meant has left.');
		harness.says("bob", "hello");
		expect(last(harness)).toBe("bob: hello");
		harness.conversation.recipients.drafting("");
		harness.moves("left", "bob");
		harness.actions.ignore("bob");
		expect(last(harness)).toContain('Nobody here is called "bob".');
	});

	test("stays hidden while away, and others stay shown", () => {
		const harness = new ConversationHarness(["ann", "bob", "carl"]);
		harness.actions.ignore("bob");
		for (const type of ["away", "back"] as const) {
			harness.conversation.receive({ type, seq: 1, at: 0, name: "bob" });
		}
		harness.moves("left", "carl");
		harness.moves("joined", "carl");
		harness.says("bob", "hidden");
		harness.says("carl", "shown");
		expect([harness.printed.join().includes("hidden"), last(harness)]).toEqual([
			false,
			"carl: shown",
		]);
	});
});
