import { expect, test } from "bun:test";
import { PendingMessages } from "../../lib/client/chat/pending-messages.ts";
import type { Say } from "../../lib/wire/messages.ts";

const say = (id: string): Say => ({ type: "say", id, text: `text ${id}` });

/** Says these at time 0. */
function saying(...ids: string[]): PendingMessages {
	const outgoing = new PendingMessages();
	for (const id of ids) outgoing.sent(say(id), 0);
	return outgoing;
}

const idsOf = (outgoing: PendingMessages): string[] =>
	[...outgoing].map(({ message }) => message.id);
const failedIds = (outgoing: PendingMessages): string[] => outgoing.failures().map(({ id }) => id);

/** Later than any echo is waited for. */
const LATE = 60_000;

test("what is echoed is said; the rest keeps its order", () => {
	const outgoing = saying("a", "b", "c");
	outgoing.echoed("b");
	outgoing.echoed("somebody else's");
	expect([idsOf(outgoing), outgoing.size]).toEqual([["a", "c"], 2]);
	expect(failedIds(outgoing)).toEqual([]);
});

test("an echo that is overdue counts as a failure, told once", () => {
	const outgoing = saying("a", "b");
	expect(outgoing.overdue(1000)).toEqual([]);
	outgoing.echoed("a");
	const [late, ...more] = outgoing.overdue(LATE);
	expect([late?.message, more]).toEqual([say("b"), []]);
	expect(late?.failure).not.toBe("");
	expect(outgoing.overdue(LATE * 2)).toEqual([]);
	expect(failedIds(outgoing)).toEqual(["b"]);
});

test("an echo that comes late after all is believed", () => {
	const outgoing = saying("a");
	outgoing.overdue(LATE);
	outgoing.echoed("a");
	expect([outgoing.size, failedIds(outgoing)]).toEqual([0, []]);
});

test("a refusal is a failure with its reason, of what is ours alone", () => {
	const outgoing = saying("a", "b");
	expect(outgoing.failed("b", "no such member")).toMatchObject({ failure: "no such member" });
	expect(outgoing.failed("x", "no such member")).toBeUndefined();
	expect(failedIds(outgoing)).toEqual(["b"]);
	expect(outgoing.overdue(LATE).map(({ message }) => message.id)).toEqual(["a"]);
});

test("sent again, it is on its way again, in its old place and under its id", () => {
	const outgoing = saying("a", "b");
	outgoing.overdue(LATE);
	for (const message of outgoing.failures()) outgoing.sent(message, LATE);
	expect([idsOf(outgoing), failedIds(outgoing)]).toEqual([["a", "b"], []]);
	expect(outgoing.overdue(LATE + 1000)).toEqual([]);
	expect(outgoing.overdue(LATE * 2)).toHaveLength(2);
});

test("only what has failed is given up", () => {
	const outgoing = saying("a", "b", "c");
	outgoing.failed("b", "no");
	outgoing.forget();
	expect(idsOf(outgoing)).toEqual(["a", "c"]);
});

test("there is an end to what can be on its way", () => {
	const outgoing = new PendingMessages();
	let count = 0;
	while (!outgoing.isFull && count < 10_000) outgoing.sent(say(`${count++}`), 0);
	expect(count).toBeLessThan(1000);
	expect(count).toBeGreaterThan(50);
	outgoing.echoed("0");
	expect(outgoing.isFull).toBe(false);
});
