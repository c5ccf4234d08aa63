import { describe, expect, test } from "bun:test";
import { reason } from "../../../../lib/wire/errors/reason.ts";
import { ConversationHarness } from "./conversation-harness.ts";

// What is asked before something that cannot be undone, and what becomes of a line that is not sent.

/** An owner's conversation, in which nobody answers by itself. */
function unanswered(answer: "no" | null): ConversationHarness {
	const harness = new ConversationHarness(["ann", "bob", "eve"]);
	harness.answer = answer;
	harness.isOwner = true;
	return harness;
}

describe("an owner is asked", () => {
	test.each([
		["/kick bob", ["Remove bob from the room? They can log in again."]],
		["/kick BOB for the noise", ["Remove bob from the room? They can log in again."]],
		["/ban bob", ["Ban bob? The account is removed, and kept out until you type /unban."]],
		[
			"/ban zoe@gmail.com",
			["Ban zoe@gmail.com? The account is removed, and kept out until you type /unban."],
		],
		["/close", ["Close the room for everybody? 3 people are here."]],
		["/mute bob", []],
		["/unban zoe@gmail.com", []],
		["/title Books", []],
		["/signout bob", []],
	])("%s: %j", (line, questions) => {
		const harness = unanswered(null);
		harness.actions.run(line);
		expect(harness.questions).toEqual(questions);
		expect(harness.sent).toHaveLength(1 - questions.length);
	});

	test.each(["/kick bob", "/ban bob", "/ban zoe@gmail.com", "/close"])(
		"and nobody else, whom the server refuses: %s",
		(line) => {
			const harness = unanswered(null);
			harness.isOwner = false;
			harness.actions.run(line);
			expect([harness.questions, harness.sent.length]).toEqual([[], 1]);
		},
	);

	test("with as much of the address as the last roster has shown, as text", () => {
		const harness = unanswered(null);
		const members = [
			{ name: "bob", visit: "bob-1", since: 0, address: "b***@gm\u202eail.com\x1b[2J" },
		];
		harness.conversation.receive({ type: "roster", members, at: 0 });
		harness.actions.run("/kick bob");
		expect(harness.questions).toEqual([
			"Remove bob (b***@gmail.com^[[2J) from the room? They can log in again.",
		]);
	});

	test("and nothing is done without a yes", () => {
		const harness = unanswered("no");
		for (const line of ["/kick bob", "/ban bob", "/close"]) harness.actions.run(line);
		expect([harness.sent, harness.printed]).toEqual([[], Array(3).fill("-- Not done.")]);
	});

	test("about this room, and a yes means no room that was joined meanwhile", () => {
		const harness = unanswered(null);
		harness.actions.run("/close");
		const members: [string, string][] = [["ann", "ann-2"]];
		const place = { epoch: 1, key: "", seq: 0, resume: "", grace: 0 };
		harness.conversation.receive({ type: "welcome", name: "ann", ...place, members });
		harness.yes();
		expect(harness.sent).toEqual([]);
		expect(harness.printed.at(-1)).toStartWith("!! Not done: you have joined again");
	});

	test("about nobody who is not here, and about nothing while the connection is broken", () => {
		const harness = unanswered(null);
		harness.actions.run("/kick zoe");
		harness.isOnline = false;
		harness.actions.run("/close");
		expect([harness.questions, harness.givenBack]).toEqual([[], ["/kick zoe", "/close"]]);
		expect(harness.printed).toEqual([
			'!! Not done: Nobody here is called "zoe".',
			`!! ${reason("offline").text}`,
		]);
	});
});

describe("a question is about the member who was meant", () => {
	const roster = (...members: [name: string, visit: string, address: string][]) => ({
		...({ type: "roster", at: 0 } as const),
		members: members.map(([name, visit, address]) => ({ name, visit, since: 0, address })),
	});

	test.each(["/kick bob", "/ban bob", "/kick BOB noise"])(
		"and none is asked about one who has left, whoever has the name now: %s",
		(line) => {
			const harness = unanswered(null);
			harness.conversation.recipients.drafting(line);
			harness.moves("left", "bob");
			harness.moves("joined", "bob");
			harness.conversation.receive(roster(["bob", "bob-2", "other@gmail.com"]));
			harness.actions.run(line);
			expect(harness.questions).toEqual([]);
			// The server refuses it.
			expect(harness.sent).toMatchObject([{ visit: "bob-1" }]);
		},
	);

	test("whose address came while the line was typed", () => {
		const harness = unanswered(null);
		harness.conversation.recipients.drafting("/kick bob");
		harness.conversation.receive(roster(["bob", "bob-1", "b***@gmail.com"]));
		harness.actions.run("/kick bob");
		expect(harness.questions).toEqual([expect.stringContaining("bob (b***@gmail.com)")]);
	});
});

test("a line about a chosen member is about nobody else of the name", () => {
	const harness = new ConversationHarness();
	harness.isOwner = true;
	const about = { name: "bob", visit: "bob-1" };
	harness.actions.run("/mute bob", about);
	harness.moves("left", "bob");
	harness.moves("joined", "bob");
	for (const line of ["/mute bob", "/unmute bob", "/kick bob"]) harness.actions.run(line, about);
	harness.actions.run("/mute bob");
	const visits = harness.sent.map((message) => ("visit" in message ? message.visit : undefined));
	expect(visits).toEqual(["bob-1", "bob-1", "bob-1", "bob-1", "bob-2"]);
	// The server refuses what is about a visit that is over, and so nothing is asked.
	expect(harness.questions).toEqual([]);
});

describe("a question is taken back", () => {
	const TREE = "that tall tree fell";
	/** The question that a line asks, and what happens then. */
	function after(line: string, happen: (harness: ConversationHarness) => void) {
		const harness = unanswered(null);
		harness.actions.run(line);
		harness.printed.splice(0);
		happen(harness);
		return harness;
	}
	const left = "-- bob has left, so you need not answer any more.";

	test.each([
		["/kick bob", "-- Not done.", []],
		["/ban bob enough", "-- Not done.", []],
		[`/tell bob ${TREE}`, "!! Not sent.", [`/tell bob ${TREE}`]],
	])("when the one whom it is about leaves: %s", (line, told, givenBack) => {
		const { printed, ...harness } = after(line, (room) => room.moves("left", "bob"));
		expect(printed.slice(-2)).toEqual([left, told]);
		expect([harness.withdrawn.length, harness.sent, harness.givenBack]).toEqual([1, [], givenBack]);
	});

	test("when the roster shows that they have left", () => {
		const roster = { type: "roster" as const, at: 0, members: [] };
		const harness = after("/kick bob", ({ conversation }) => conversation.receive(roster));
		expect(harness.printed.slice(-2)).toEqual([left, "-- Not done."]);
	});

	test.each(["/close", "/kick bob", "/ban zoe@gmail.com", TREE])(
		"when the connection breaks: %s",
		(line) => {
			const harness = after(line, ({ conversation }) =>
				conversation.receive({ type: "offline", ...reason("server_stopped") }),
			);
			expect([harness.withdrawn.length, harness.sent]).toEqual([1, []]);
			expect(harness.printed.at(-1)).toStartWith(line === TREE ? "!! Not sent." : "-- Not done.");
		},
	);

	test.each([
		["/kick bob", "eve"],
		["/ban zoe@gmail.com", "bob"],
		["/close", "bob"],
		[TREE, "bob"],
	])("but not when somebody else leaves: %s", (line, name) => {
		expect(after(line, (room) => room.moves("left", name)).withdrawn).toEqual([]);
	});

	test("but not after its answer", () => {
		const harness = after("/kick bob", (room) => {
			room.yes();
			room.moves("left", "bob");
			room.conversation.receive({ type: "offline", ...reason("server_stopped") });
		});
		expect([harness.withdrawn, harness.sent.length]).toEqual([[], 1]);
	});
});

describe("a line that is not sent", () => {
	test.each([
		...["/tell zoe the secret", "/tell b:b x", "/reply x", `/me ${"x".repeat(8193)}`],
		...["/tlel bob the secret", "/tell bob", "/bell loud", "/leave me alone", "/help teel"],
		...["/kick zoe for the noise", "/unban eve", "/ban zoe", "/whois zoe", "/ignore zoe"],
	])("is given back as it was typed: %p", (line) => {
		const harness = new ConversationHarness();
		harness.actions.run(line);
		expect([harness.sent, harness.givenBack]).toEqual([[], [line]]);
		expect(harness.printed).toHaveLength(1);
	});

	test("is given back when the user does not want an app password to be sent", () => {
		const harness = unanswered("no");
		const line = "/tell bob it is abcd efgh ijkl mnop";
		harness.actions.run(line);
		expect(harness.questions).toEqual([expect.stringMatching(/app password.* Send it to bob\?$/)]);
		expect([harness.sent, harness.givenBack]).toEqual([[], [line]]);
	});

	test.each([
		...["/title abcd efgh ijkl mnop", "/announce abcdefghijklmnop"],
		...["abcdefghijklmnop", "/me says abcdefghijklmnop"],
	])("that is asked about is given back, a command, too: %s", (line) => {
		const harness = unanswered("no");
		harness.actions.run(line);
		expect([harness.questions.length, harness.sent, harness.givenBack]).toEqual([1, [], [line]]);
	});

	test("is not given back if it is the password", () => {
		const harness = new ConversationHarness();
		harness.secret.learn({ password: "abcdefghijklmnop" });
		for (const before of ["", "/me ", "/tell bob ", "/announce ", "/kick bob ", "/title "]) {
			harness.actions.run(`${before}it is abcd efgh ijkl mnop`);
		}
		expect([harness.sent, harness.questions, harness.givenBack]).toEqual([[], [], []]);
		expect(harness.printed).toEqual(Array(6).fill("!! Not sent: that is what you log in with."));
	});
});

test("a private message that looks like a password goes to the member whom it was written to", () => {
	const harness = unanswered(null);
	harness.conversation.recipients.drafting("/tell bob that tall tree fell");
	harness.moves("left", "bob");
	harness.moves("joined", "bob");
	harness.actions.run("/tell bob that tall tree fell");
	harness.conversation.recipients.drafting("");
	harness.yes();
	expect(harness.sent).toMatchObject([{ type: "tell", to: "bob", visit: "bob-1" }]);
});
