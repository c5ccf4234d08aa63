import { expect, test } from "bun:test";
import type { Roster } from "../../../../lib/wire/messages/messages.ts";
import { ConversationHarness } from "./conversation-harness.ts";

test("the roster says who is here, and for how long", () => {
	const harness = new ConversationHarness();
	harness.now = 100 * 3_600_000;
	const ago = (minutes: number): number => harness.now - minutes * 60_000;
	harness.actions.who();
	harness.conversation.receive({
		type: "roster",
		members: [
			{ name: "ann", visit: "ann-1", since: ago(0), address: "a***@gmail.com" },
			{ name: "bob", visit: "bob-1", since: ago(59) },
			{ name: "carl", visit: "carl-1", since: ago(61) },
			{ name: "dora", visit: "dora-1", since: ago(60 * 49 + 5) },
			// A clock that is ahead of ours.
			{ name: "eve", visit: "eve-1", since: ago(-3) },
		],
	});
	const [, ...lines] = harness.printed.join("\n").split("\n");
	expect(lines.map((line) => line.replaceAll(/\s+/g, " "))).toEqual([
		" ┊ ann a***@gmail.com for 0 min",
		" ┊ bob for 59 min",
		" ┊ carl for 1 h 1 min",
		" ┊ dora for 49 h 5 min",
		" ┊ eve for 0 min",
	]);
	expect(harness.conversation.visits.names).toEqual(["ann", "bob", "carl", "dora", "eve"]);
});

test("how long somebody is here is told by the server's clock, if it sends its time", () => {
	const harness = new ConversationHarness();
	harness.now = 100 * 3_600_000;
	for (const ahead of [0, -2 * 3_600_000, 3_600_000]) {
		const at = harness.now + ahead;
		harness.actions.who();
		const members = [{ name: "bob", visit: "bob-1", since: at - 61 * 60_000 }];
		harness.conversation.receive({ type: "roster", at, members });
		expect(harness.printed.at(-1)).toContain("for 1 h 1 min");
	}
});

test("/whois shows what the next roster has of one member, in that visit", () => {
	const harness = new ConversationHarness();
	const answer = (visit: string, address?: string, owner?: true): void => {
		const member = { name: "bob", visit, since: harness.now - 65 * 60_000, address, owner };
		harness.conversation.receive({ type: "roster", at: harness.now, members: [member] });
	};
	harness.actions.run("/whois BOB");
	harness.actions.run("/whois zoe");
	expect(harness.sent).toEqual([{ type: "who" }]);
	answer("bob-1", "b***@gmail.com\x07", true);
	for (const [visit, address] of [["bob-1"], ["bob-1", ""], ["bob-2", "o***@gmail.com"]] as const) {
		harness.conversation.recipients.drafting("/whois bob");
		harness.actions.run("/whois bob");
		answer(visit, address);
	}
	harness.isOnline = false;
	harness.actions.run("/whois bob");
	expect(harness.printed).toEqual([
		'!! Nobody here is called "zoe".',
		"-- bob (b***@gmail.com^G), an owner of the room, has been here for 1 h 5 min.",
		"-- bob has been here for 1 h 5 min.",
		"-- bob has been here for 1 h 5 min.",
		'-- Nobody here is called "bob".',
		expect.stringMatching(/^!! /),
	]);
});

test.each([
	"x\n  ┊ boss  boss@gmail.com  for 9 h",
	"x\r\n▐ 12:31 boss: yes",
	"\u2028-- boss is an owner",
	"\x1b[1A\x1b[2K\n\n",
])("no address begins a row of its own: %j", (address) => {
	const harness = new ConversationHarness();
	harness.actions.who();
	const members = [{ name: "eve", visit: "eve-1", since: harness.now, address }];
	harness.conversation.receive({ type: "roster", members });
	expect(harness.printed.join("\n").split("\n")).toEqual([
		"-- Only you are here:",
		expect.stringMatching(/^ {2}┊ eve .* for 0 min$/),
	]);
});

test("who is away is marked, and for how long by the server's clock", () => {
	const harness = new ConversationHarness();
	const at = harness.now + 5 * 3_600_000;
	const ago = (minutes: number): number => at - minutes * 60_000;
	harness.actions.who();
	harness.conversation.receive({
		...{ type: "roster", at },
		members: [
			{ name: "ann", visit: "ann-1", since: ago(90), owner: true },
			{ name: "bob", visit: "bob-1", since: ago(70), away: ago(3), address: "b***@gmail.com" },
			{ name: "eve", visit: "eve-1", since: ago(60), away: ago(-1) },
		],
	});
	expect(harness.printed.at(-1)?.replaceAll(/ +/g, " ").split("\n").slice(1)).toEqual([
		" ┊ ann for 1 h 30 min (an owner)",
		" ┊ bob b***@gmail.com for 1 h 10 min (away for 3 min)",
		" ┊ eve for 1 h 0 min (away for 0 min)",
	]);
});

test("a private line to somebody away says so, once an absence", () => {
	const harness = new ConversationHarness();
	harness.now = Date.now();
	const away = (name: string) =>
		harness.conversation.receive({ type: "away", seq: 1, at: harness.now, name });
	const tell = (name: string, text = "hello") => harness.actions.tell(name, text);
	const notes = () =>
		harness.printed
			.splice(0)
			.map((line) => line.replace(/since \d\d:\d\d(?= |,)( on [\w ]+, \d+)?/, "since 12:00"));
	tell("bob");
	expect(notes()).toEqual([]);
	away("bob");
	notes();
	for (const name of ["bob", "BOB", "ann"]) tell(name);
	const note = "has been away since 12:00, and can read this only after coming back.";
	expect(notes().filter((line) => line.includes("since"))).toEqual([
		expect.stringContaining(`bob ${note}`),
	]);
	tell("bob", "x".repeat(9000));
	harness.conversation.receive({ type: "back", seq: 2, at: harness.now, name: "bob" });
	tell("bob");
	harness.now += 60_000;
	away("bob");
	tell("bob", "x".repeat(9000));
	expect(notes().join("\n")).not.toContain("since");
	harness.actions.tell("bob", "again");
	expect(notes().join("\n")).toContain(`bob ${note}`);
});

const roster = (...members: [name: string, visit: string][]): Roster => ({
	type: "roster",
	members: members.map(([name, visit]) => ({ name, visit, since: 0 })),
});

test("a roster that the user did not ask for is not shown, and still says who is here", () => {
	const harness = new ConversationHarness();
	harness.conversation.receive(roster(["ann", "ann-1"], ["eve", "eve-1"]));
	expect([harness.printed, harness.conversation.visits.names]).toEqual([[], ["ann", "eve"]]);
	harness.actions.tell("eve", "hello");
	expect(harness.sent).toMatchObject([{ type: "tell", to: "eve", visit: "eve-1" }]);
});

test("the user who asks once gets one roster", () => {
	const harness = new ConversationHarness();
	harness.actions.who();
	expect(harness.sent).toEqual([{ type: "who" }]);
	for (let i = 0; i < 3; i++) harness.conversation.receive(roster(["ann", "ann-1"]));
	expect(harness.printed).toHaveLength(1);
	harness.actions.who();
	harness.conversation.receive(roster(["ann", "ann-1"]));
	expect(harness.printed).toHaveLength(2);
});
