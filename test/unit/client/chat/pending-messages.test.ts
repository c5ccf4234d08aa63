import { expect, test } from "bun:test";
import { PendingMessages } from "../../../../lib/client/chat/pending-messages.ts";
import {
	adding,
	failureIds,
	idsOf,
	LATE,
	NO_ECHO,
	named,
	say,
	sendAll,
	sending,
} from "./pending-samples.ts";

test("a message waits until it is taken, is sent until its echo, and then is gone", () => {
	const pending = adding("a", "b");
	const states = (): string[] => [...pending].map(({ state }) => state);
	expect([states(), pending.unsettled]).toEqual([["waiting", "waiting"], 2]);
	expect(pending.next(7)).toEqual(say("a"));
	expect([states(), pending.unsettled]).toEqual([["sent", "waiting"], 2]);
	expect([...pending].map(({ since }) => since)).toEqual([7, 0]);
	expect(pending.echoed("a")).toBe(true);
	expect([idsOf(pending), pending.unsettled]).toEqual([["b"], 1]);
	expect([pending.echoed("a"), pending.echoed("somebody else's")]).toEqual([false, false]);
});

test("messages are taken in their order, and a message added twice is taken once", () => {
	const pending = adding("a", "b");
	pending.add(say("a"), 7);
	expect([...pending].map(({ since }) => since)).toEqual([0, 0]);
	expect(sendAll(pending)).toEqual(["a", "b"]);
	pending.add(say("b"), 0);
	expect(sendAll(pending)).toEqual([]);
});

test("a message echoed while it waits is not sent", () => {
	const pending = adding("a", "b");
	expect(pending.echoed("a")).toBe(true);
	expect(sendAll(pending)).toEqual(["b"]);
});

test("a missing echo makes a message overdue, and this is told once", () => {
	const pending = sending("a", "b");
	expect(pending.overdue(1000, NO_ECHO)).toEqual([]);
	pending.echoed("a");
	const [late, ...more] = pending.overdue(LATE, NO_ECHO);
	expect([late?.message, more]).toEqual([say("b"), []]);
	expect(late).toMatchObject({ state: "overdue", failure: NO_ECHO, isUndecided: true });
	expect(pending.overdue(LATE * 2, NO_ECHO)).toEqual([]);
	expect([failureIds(pending), pending.unsettled]).toEqual([["b"], 0]);
});

test("the time in which a message waits to be sent does not make it overdue", () => {
	const pending = adding("a");
	expect(pending.overdue(LATE, NO_ECHO)).toEqual([]);
	sendAll(pending, LATE);
	expect(pending.overdue(LATE + 1000, NO_ECHO)).toEqual([]);
	expect(pending.overdue(LATE * 2, NO_ECHO)).toHaveLength(1);
});

test("an echo that comes late is believed", () => {
	const pending = sending("a");
	pending.overdue(LATE, NO_ECHO);
	expect(pending.echoed("a")).toBe(true);
	expect([idsOf(pending), failureIds(pending)]).toEqual([[], []]);
});

test("a refusal fails our message with its reason, and nothing else", () => {
	const pending = sending("a", "b");
	expect(pending.failed("b", "no such member")).toMatchObject({
		...{ state: "failed", failure: "no such member", isUndecided: false },
	});
	expect(pending.failed("x", "no such member")).toBeUndefined();
	expect([failureIds(pending), pending.unsettled]).toEqual([["b"], 1]);
	expect(pending.overdue(LATE, NO_ECHO).map(({ message }) => message.id)).toEqual(["a"]);
});

test("added again, messages that failed or are overdue keep their ids and are listed as before", () => {
	const pending = sending("a", "b", "c");
	pending.failed("b", "no");
	pending.overdue(LATE, NO_ECHO);
	expect(failureIds(pending)).toEqual(["a", "b", "c"]);
	for (const message of pending.failures()) pending.add(message, LATE);
	expect([...pending].map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
	expect([idsOf(pending), failureIds(pending)]).toEqual([["a", "b", "c"], []]);
	expect(sendAll(pending, LATE).sort()).toEqual(["a", "b", "c"]);
	expect(pending.overdue(LATE + 1000, NO_ECHO)).toEqual([]);
	expect(pending.overdue(LATE * 2, NO_ECHO)).toHaveLength(3);
});

test("a message refused while it waits to be sent again is sent only when added once more", () => {
	const pending = sending("a");
	pending.overdue(LATE, NO_ECHO);
	pending.add(say("a"), LATE);
	pending.failed("a", "no");
	expect(sendAll(pending)).toEqual([]);
	pending.add(say("a"), LATE);
	expect(sendAll(pending)).toEqual(["a"]);
});

test("only messages that failed or are overdue are forgotten", () => {
	const pending = sending("a", "b", "c");
	pending.overdue(LATE, NO_ECHO);
	pending.add(say("c"), LATE);
	sendAll(pending, LATE);
	pending.failed("b", "no");
	pending.add(say("d"), LATE);
	expect(pending.forget()).toBe(2);
	expect([idsOf(pending), pending.forget()]).toEqual([["c", "d"], 0]);
	// A late echo finds nothing to end.
	expect(pending.echoed("a")).toBe(false);
});

test("10,000 messages are all that can be pending, and any that goes makes room", () => {
	const pending = adding(...named(9999));
	expect(pending.isFull).toBe(false);
	pending.add(say("last"), 0);
	expect(pending.isFull).toBe(true);
	pending.echoed("m0");
	expect(pending.isFull).toBe(false);
	pending.add(say("another"), 0);
	pending.failed("m1", "no");
	expect(pending.isFull).toBe(true);
	pending.forget();
	expect(pending.isFull).toBe(false);
});

test("8 Mi characters are all that can be pending", () => {
	const pending = new PendingMessages();
	const text = "x".repeat(8192);
	for (const id of named(1023)) pending.add({ type: "say", id, text }, 0);
	pending.add({ type: "say", id: "last", text: text.slice(1) }, 0);
	expect(pending.isFull).toBe(false);
	pending.add({ type: "tell", id: "one", to: "bob", visit: "v", text: "y" }, 0);
	expect(pending.isFull).toBe(true);
	pending.echoed("one");
	expect(pending.isFull).toBe(false);
});

test("late are those that have waited longer than an echo takes, and those that failed", () => {
	const pending = sending("a", "b", "c");
	expect(idsOf(pending.late(150))).toEqual([]);
	pending.failed("b", "no");
	expect(idsOf(pending.late(150))).toEqual(["b"]);
	expect(idsOf(pending.late(151))).toEqual(["a", "b", "c"]);
	pending.echoed("a");
	expect(idsOf(pending.late(151))).toEqual(["b", "c"]);
});
