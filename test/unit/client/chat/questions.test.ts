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
	harness.actions.run("/tell bob that tall tree fell");
	harness.conversation.recipients.drafting("");
	harness.moves("left", "bob");
	harness.moves("joined", "bob");
	harness.yes();
	expect(harness.sent).toMatchObject([{ type: "tell", to: "bob", visit: "bob-1" }]);
});
