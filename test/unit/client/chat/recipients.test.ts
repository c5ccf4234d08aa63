import { describe, expect, test } from "bun:test";
import type { OwnerRequest } from "../../../../lib/client/commands/command.ts";
import { ConversationHarness } from "./conversation-harness.ts";

/** One bob leaves, and another takes the name. */
function bobIsReplaced(harness: ConversationHarness): void {
	harness.moves("left", "bob");
	harness.moves("joined", "bob");
}

/** Types a line, key by key. */
function types(harness: ConversationHarness, line: string): void {
	for (let end = 0; end <= line.length; end++)
		harness.conversation.recipients.drafting(line.slice(0, end));
}

/** The recipient of the newest message. */
function recipient(harness: ConversationHarness): unknown {
	const { to, visit } = Object(harness.sent.at(-1));
	return [to, visit];
}

describe("a private message", () => {
	test("goes to the member shown under the name, whatever its case", () => {
		const harness = new ConversationHarness();
		harness.actions.tell("BOB", "hello");
		expect(recipient(harness)).toEqual(["bob", "bob-1"]);
		bobIsReplaced(harness);
		harness.actions.tell("bob", "hello");
		expect(recipient(harness)).toEqual(["bob", "bob-2"]);
	});

	test("goes to who had the name when it was typed, and the next one to who has it now", () => {
		const harness = new ConversationHarness();
		types(harness, "/tell bob hello");
		bobIsReplaced(harness);
		harness.actions.tell("bob", "hello");
		expect(recipient(harness)).toEqual(["bob", "bob-1"]);
		harness.conversation.recipients.drafting("");
		types(harness, "/tell bob hello");
		harness.actions.tell("bob", "hello");
		expect(recipient(harness)).toEqual(["bob", "bob-2"]);
	});

	test("goes to nobody whom the user has not been shown, and this is said at once", () => {
		const harness = new ConversationHarness();
		harness.actions.tell("zoe", "a secret");
		harness.moves("left", "bob");
		harness.actions.tell("bob", "a secret");
		expect([harness.sent, harness.conversation.delivery.pending]).toEqual([[], []]);
		expect(harness.printed.filter((line) => line.startsWith("!!"))).toEqual([
			'!! Not sent: Nobody here is called "zoe".',
			'!! Not sent: Nobody here is called "bob".',
		]);
	});

	test("keeps its recipient when it is sent again", () => {
		const harness = new ConversationHarness();
		harness.actions.tell("bob", "hello");
		bobIsReplaced(harness);
		harness.passes(6000);
		harness.actions.resend();
		expect(harness.sent).toHaveLength(2);
		expect(recipient(harness)).toEqual(["bob", "bob-1"]);
	});
});

test("a name that is none is said at once, and nothing is sent", () => {
	const harness = new ConversationHarness();
	harness.actions.tell("bob:", "a secret");
	expect([harness.sent, harness.printed.join()]).toEqual([
		[],
		expect.stringContaining("Not sent: a name is 1 to 24"),
	]);
});

describe("a reply", () => {
	test("to nobody is a problem, and nothing is sent", () => {
		const harness = new ConversationHarness();
		harness.actions.reply("hello");
		expect([harness.sent, harness.printed]).toEqual([
			[],
			["!! Nobody has sent you a private message yet."],
		]);
	});

	test("goes to who last sent a private message, in whole", () => {
		const harness = new ConversationHarness(["ann", "bob", "eve"]);
		harness.tells("eve", "ann", "psst");
		harness.tells("bob", "ann", "psst");
		harness.tells("ann", "eve", "psst");
		harness.says("eve", "hello");
		harness.actions.reply("@eve is here");
		expect(harness.sent).toMatchObject([
			{ type: "tell", to: "bob", visit: "bob-1", text: "@eve is here" },
		]);
	});

	test("goes to that visit, though another has the name now", () => {
		const harness = new ConversationHarness();
		harness.tells("bob", "ann", "psst");
		bobIsReplaced(harness);
		harness.actions.reply("yes");
		expect(recipient(harness)).toEqual(["bob", "bob-1"]);
		harness.tells("bob", "ann", "I am new");
		harness.actions.reply("hello");
		expect(recipient(harness)).toEqual(["bob", "bob-2"]);
	});

	test.each(["zoe", "bob"])("to a %s whom we never saw come is for nobody who is here", (name) => {
		const harness = new ConversationHarness(["ann", "bob", "eve"]);
		harness.tells("eve", "ann", "psst");
		harness.moves("left", "bob");
		harness.tells(name, "ann", "psst");
		harness.actions.reply("yes");
		// The server refuses it.
		expect(recipient(harness)).toEqual([name, "unknown"]);
		// Nor for who comes under that name.
		harness.moves("joined", name);
		harness.actions.reply("yes");
		expect(recipient(harness)).toEqual([name, "unknown"]);
	});

	test("goes to who had written when it was begun, though others write meanwhile", () => {
		const harness = new ConversationHarness(["ann", "bob", "eve"]);
		harness.tells("bob", "ann", "psst");
		types(harness, "/reply y");
		harness.tells("eve", "ann", "psst");
		harness.conversation.recipients.drafting("/reply yes");
		harness.actions.reply("yes");
		expect(recipient(harness)).toEqual(["bob", "bob-1"]);
		harness.conversation.recipients.drafting("");
		harness.actions.reply("yes");
		expect(recipient(harness)).toEqual(["eve", "eve-1"]);
	});
});

describe("an owner's request about a member", () => {
	const requests: OwnerRequest[] = [
		{ type: "kick", name: "bob", reason: "spam" },
		{ type: "mute", name: "bob" },
		{ type: "ban", who: "bob" },
		{ type: "sign_out_member", who: "bob" },
		{ type: "unmute", who: "bob" },
	];
	test.each(requests)("is about who had the name when it was typed: %j", (request) => {
		const harness = new ConversationHarness();
		const command = request.type === "sign_out_member" ? "signout" : request.type;
		types(harness, `/${command} bob`);
		bobIsReplaced(harness);
		harness.actions.requestAsOwner(request);
		expect(harness.sent).toEqual([expect.objectContaining({ ...request, visit: "bob-1" })]);
	});

	test.each(requests.slice(0, -1))("is not made if nobody here has the name: %j", (request) => {
		const harness = new ConversationHarness(["ann"]);
		harness.actions.requestAsOwner(request);
		expect([harness.sent, harness.printed]).toEqual([
			[],
			['!! Not done: Nobody here is called "bob".'],
		]);
	});

	const others: OwnerRequest[] = [
		{ type: "unmute", who: "zoe" },
		{ type: "unmute", who: "bob@gmail.com" },
		{ type: "ban", who: "bob@gmail.com" },
	];
	test.each(others)("needs no visit for an address, or to unmute who has left: %j", (request) => {
		const harness = new ConversationHarness();
		harness.actions.requestAsOwner(request);
		expect<object[]>(harness.sent).toEqual([request]);
	});
});

describe("another process of the visit", () => {
	/** What is left of a conversation after a reload. */
	function reloads(before: ConversationHarness, members: string[]): ConversationHarness {
		const after = new ConversationHarness(members);
		const { kept } = before.conversation.recipients;
		after.conversation.recipients.restore(JSON.parse(JSON.stringify(kept)));
		return after;
	}

	test("sends the reply that was being typed to whom it said, whoever has written since", () => {
		const before = new ConversationHarness();
		before.tells("bob", "ann", "psst");
		types(before, "/reply half a secret");
		const after = reloads(before, ["ann", "bob", "eve"]);
		after.conversation.recipients.drafting("/reply half a secret");
		after.tells("eve", "ann", "and I");
		expect(after.conversation.recipients.replyTo?.name).toBe("bob");
		after.actions.reply("half a secret");
		expect(recipient(after)).toEqual(["bob", "bob-1"]);
		after.conversation.recipients.drafting("");
		after.actions.reply("hello");
		expect(recipient(after)).toEqual(["eve", "eve-1"]);
	});

	test("knows who wrote last, though nothing was being typed", () => {
		const before = new ConversationHarness();
		before.tells("bob", "ann", "psst");
		const after = reloads(before, ["ann", "bob"]);
		after.conversation.recipients.drafting("");
		after.actions.reply("hello");
		expect(recipient(after)).toEqual(["bob", "bob-1"]);
	});

	test.each(["/tell bob hello", "/tell BOB hello", "/msg @bob hello"])(
		"sends %s to who had the name when it was typed",
		(line) => {
			const before = new ConversationHarness();
			types(before, line);
			bobIsReplaced(before);
			const after = reloads(before, ["ann", "bob"]);
			bobIsReplaced(after);
			after.conversation.recipients.drafting(line);
			after.actions.tell("bob", "hello");
			expect(recipient(after)).toEqual(["bob", "bob-1"]);
			after.conversation.recipients.drafting("");
			types(after, line);
			after.actions.tell("bob", "hello");
			expect(recipient(after)).toEqual(["bob", "bob-2"]);
		},
	);

	test("replies to nobody, if nobody has written", () => {
		const before = new ConversationHarness();
		types(before, "/reply hello");
		const after = reloads(before, ["ann", "bob"]);
		expect(after.conversation.recipients.replyTo).toBeNull();
	});
});
