import { expect, test } from "bun:test";
import { PendingMessages } from "../../../../lib/client/chat/pending-messages.ts";
import type { Say } from "../../../../lib/wire/messages.ts";

const say = (id: string): Say => ({ type: "say", id, text: `text ${id}` });

/** Messages with these ids, said at time 0. */
function saying(...ids: string[]): PendingMessages {
	const pending = new PendingMessages();
	for (const id of ids) pending.sent(say(id), 0);
	return pending;
}

const idsOf = (pending: PendingMessages): string[] => [...pending].map(({ message }) => message.id);
const failedIds = (pending: PendingMessages): string[] => pending.failures().map(({ id }) => id);

/** Later than the client waits for any echo. */
const LATE = 60_000;

test("what is echoed is said; the rest keeps its order", () => {
	const pending = saying("a", "b", "c");
	expect(pending.echoed("b")).toBe(true);
	expect(pending.echoed("somebody else's")).toBe(false);
	expect(idsOf(pending)).toEqual(["a", "c"]);
	expect(failedIds(pending)).toEqual([]);
});

test("an echo that is overdue counts as a failure, told once", () => {
	const pending = saying("a", "b");
	expect(pending.overdue(1000)).toEqual([]);
	pending.echoed("a");
	const [late, ...more] = pending.overdue(LATE);
	expect([late?.message, more]).toEqual([say("b"), []]);
	expect(late?.failure).not.toBe("");
	expect(pending.overdue(LATE * 2)).toEqual([]);
	expect(failedIds(pending)).toEqual(["b"]);
});

test("an echo that comes late after all is believed", () => {
	const pending = saying("a");
	pending.overdue(LATE);
	pending.echoed("a");
	expect([idsOf(pending), failedIds(pending)]).toEqual([[], []]);
});

test("a refusal is a failure with its reason, of what is ours alone", () => {
	const pending = saying("a", "b");
	expect(pending.failed("b", "no such member")).toMatchObject({ failure: "no such member" });
	expect(pending.failed("x", "no such member")).toBeUndefined();
	expect(failedIds(pending)).toEqual(["b"]);
	expect(pending.overdue(LATE).map(({ message }) => message.id)).toEqual(["a"]);
});

test("sent again, it is on its way again, in its old place and under its id", () => {
	const pending = saying("a", "b");
	pending.overdue(LATE);
	for (const message of pending.failures()) pending.sent(message, LATE);
	expect([idsOf(pending), failedIds(pending)]).toEqual([["a", "b"], []]);
	expect(pending.overdue(LATE + 1000)).toEqual([]);
	expect(pending.overdue(LATE * 2)).toHaveLength(2);
});

test("only what has failed is given up", () => {
	const pending = saying("a", "b", "c");
	pending.failed("b", "no");
	expect(pending.forget()).toBe(1);
	expect(idsOf(pending)).toEqual(["a", "c"]);
});

test("there is an end to what can be on its way", () => {
	const pending = new PendingMessages();
	let count = 0;
	while (!pending.isFull && count < 10_000) pending.sent(say(`${count++}`), 0);
	expect(count).toBeLessThan(1000);
	expect(count).toBeGreaterThan(50);
	pending.echoed("0");
	expect(pending.isFull).toBe(false);
});
