import { expect, test } from "bun:test";
import type { RoomEvent } from "../../../../lib/wire/messages/events.ts";
import { ConversationHarness } from "./conversation-harness.ts";

// What happened before we joined.

/** A conversation that begins with these events, the last of them in the moment of joining. */
function begun(at: number, ...events: RoomEvent[]): ConversationHarness {
	const until = events.length;
	const harness = new ConversationHarness(["ann", "bob"], "all", { events: 50, until });
	for (const [i, event] of events.entries()) {
		harness.conversation.receive({ type: "history", event: { seq: i + 1, at, ...event } });
	}
	return harness;
}

const OURS: RoomEvent = { type: "joined", name: "ann", visit: "ann-1" };
const said = (from: string, text: string): RoomEvent => ({ type: "said", from, id: text, text });

test("everything is shown, in order, between two notes, and nothing rings", () => {
	const harness = begun(
		1_000_000,
		said("zoe", "hello ann"),
		{ type: "away", name: "zoe" },
		{ type: "titled", by: "bob", title: "Book club" },
		{ type: "announced", by: "bob", text: "lunch" },
		{ type: "kicked", by: "bob", name: "zoe", reason: "late" },
		{ type: "left", name: "zoe" },
		OURS,
	);
	expect(harness.printed).toEqual([
		"-- What was said before you joined:",
		"» zoe: hello ann",
		"~ zoe lost the connection",
		'## bob renamed the room to "Book club"',
		"## ANNOUNCEMENT by bob: lunch",
		"## bob removed zoe from the room: late",
		"← zoe left",
		"-- You joined here.",
	]);
	expect(harness.rings).toBe(0);
	harness.says("bob", "now");
	expect([harness.printed.at(-1), harness.rings]).toEqual(["bob: now", 1]);
});

test("it changes nothing about who is here, or whom a line goes to", () => {
	// The bob who spoke has left, and another has the name now.
	const harness = begun(
		1_000_000,
		said("bob", "I was here"),
		{ type: "left", name: "bob" },
		{ type: "joined", name: "carl", visit: "carl-0" },
		{ type: "left", name: "carl" },
		{ type: "joined", name: "bob", visit: "bob-0" },
		OURS,
	);
	const { visits } = harness.conversation;
	expect(visits.names.sort()).toEqual(["ann", "bob"]);
	expect(visits.find("bob")?.visit).toBe("bob-1");
	expect(harness.conversation.recipients.replyTo).toBeNull();
});

test("who joins with us is part of it; without anything before us, there are no notes", () => {
	const crowd: RoomEvent = { type: "joined", name: "zoe", visit: "zoe-1" };
	expect(begun(1_000_000, said("bob", "hi"), OURS, crowd).printed).toEqual([
		...["-- What was said before you joined:", "bob: hi", "→ zoe joined", "-- You joined here."],
	]);
	const alone = begun(1_000_000, OURS);
	alone.says("bob", "hello");
	expect(alone.printed).toEqual(["bob: hello"]);
});

test("if it is of another day, it says of which", () => {
	const day = 24 * 60 * 60_000;
	const [first] = begun(1_000_000 - 2 * day, said("bob", "hi"), OURS).printed;
	const date = new Date(1_000_000 - 2 * day).toLocaleDateString(undefined, { dateStyle: "full" });
	expect(first).toBe(`-- What was said before you joined, since ${date}:`);
});

test.each([
	[1, "1 message at most"],
	[50, "50 messages at most"],
])("everybody is told that newcomers can read %d", (events, most) => {
	const harness = new ConversationHarness(["ann"], "mention", { events, until: 1 });
	harness.conversation.greet();
	expect(harness.printed.join("\n")).toContain(`can read what was said before: ${most}`);
});

test("in a room that tells newcomers nothing, the greeting says nothing of it", () => {
	const harness = new ConversationHarness();
	harness.conversation.greet();
	expect(harness.printed.join("\n")).not.toContain("before");
});
