import { describe, expect, test } from "bun:test";
import type { PendingMessages } from "../../../../lib/client/chat/pending-messages.ts";
import { adding, LATE, NO_ECHO, named, say, sendAll, sending } from "./pending-samples.ts";

/** Sends what it may and lets it become overdue, until no more is sent; returns what was. */
function exhaust(pending: PendingMessages): string[] {
	const sent: string[] = [];
	for (let now = 0; ; now += LATE) {
		const ids = sendAll(pending, now);
		if (ids.length === 0) return sent;
		sent.push(...ids);
		pending.overdue(now + LATE, NO_ECHO);
	}
}

describe("how many are sent at once", () => {
	const ids = named(100);
	const endings: [what: string, end: (pending: PendingMessages) => void][] = [
		["an echo", (pending) => pending.echoed("m9")],
		["a refusal", (pending) => pending.failed("m9", "no")],
	];
	test.each(endings)("64 are in flight at most; %s lets one more go", (_, end) => {
		const pending = adding(...ids);
		expect(sendAll(pending)).toEqual(ids.slice(0, 64));
		end(pending);
		expect(sendAll(pending)).toEqual(["m64"]);
	});

	test("messages that are overdue let others go", () => {
		const pending = adding(...ids);
		sendAll(pending);
		pending.overdue(LATE, NO_ECHO);
		expect(sendAll(pending, LATE)).toEqual(ids.slice(64));
	});
});

describe("1,024 messages of which nobody knows what became of them", () => {
	const ids = named(1030);

	test("keep the next one waiting, though they are overdue and none is in flight", () => {
		const pending = adding(...ids);
		expect(exhaust(pending)).toEqual(ids.slice(0, 1024));
		expect(pending.failures()).toHaveLength(1024);
	});

	const endings: [what: string, end: (pending: PendingMessages) => void, more: number][] = [
		["an echo", (pending) => pending.echoed("m9"), 1],
		["a refusal", (pending) => pending.failed("m9", "no"), 1],
		["forgetting them", (pending) => pending.forget(), 6],
	];
	test.each(endings)("%s lets others go", (_, end, more) => {
		const pending = adding(...ids);
		exhaust(pending);
		end(pending);
		expect(sendAll(pending)).toEqual(ids.slice(1024, 1024 + more));
	});

	test("are sent again after a break, and the next one still waits", () => {
		const pending = adding(...ids);
		exhaust(pending);
		pending.sendAgain(LATE);
		expect(exhaust(pending)).toEqual(ids.slice(0, 1024));
		expect(pending.unsettled).toBe(6);
	});

	test("are sent again when they are added again, though others wait already", () => {
		const pending = adding(...ids);
		exhaust(pending);
		for (const message of pending.failures()) pending.add(message, LATE);
		expect(exhaust(pending)).toEqual(ids.slice(0, 1024));
	});

	test("are sent again after a break, even if an older message has failed and waits", () => {
		const pending = sending("old");
		pending.failed("old", "no");
		for (const id of ids) pending.add(say(id), 0);
		exhaust(pending);
		pending.add(say("old"), LATE);
		pending.sendAgain(LATE);
		expect(exhaust(pending)).toEqual(ids.slice(0, 1024));
	});
});

describe("after a break", () => {
	test("messages in flight go again before those that waited, in their order", () => {
		const ids = named(70);
		const pending = adding(...ids);
		sendAll(pending);
		pending.add(say("typed later"), 0);
		pending.echoed("m3");
		pending.sendAgain(LATE);
		const again = ids.filter((id) => id !== "m3");
		expect(sendAll(pending, LATE)).toEqual(again.slice(0, 64));
		for (const id of again) pending.echoed(id);
		expect(sendAll(pending)).toEqual(["typed later"]);
	});

	test("overdue messages go again, and those that failed do not", () => {
		const pending = sending("a", "b", "c");
		pending.failed("b", "no");
		pending.overdue(LATE, NO_ECHO);
		pending.sendAgain(LATE);
		expect([...pending].map(({ failure }) => failure)).toEqual([undefined, "no", undefined]);
		expect([...pending].map(({ since }) => since)).toEqual([LATE, 0, LATE]);
		expect(sendAll(pending, LATE)).toEqual(["a", "c"]);
		// Each has its whole time again.
		expect(pending.overdue(LATE + 1000, NO_ECHO)).toEqual([]);
	});

	test("a message that failed and was added again goes after those that nobody decided", () => {
		const pending = sending("a", "b");
		pending.failed("a", "no");
		pending.add(say("a"), 0);
		pending.sendAgain(LATE);
		expect(sendAll(pending, LATE)).toEqual(["b", "a"]);
	});

	test("an echo that comes while a message waits to be sent again ends it", () => {
		const pending = adding(...named(70));
		sendAll(pending);
		pending.sendAgain(LATE);
		for (const id of ["m0", "m69"]) expect(pending.echoed(id)).toBe(true);
		expect(sendAll(pending, LATE)).toEqual(named(70).slice(1, 65));
		pending.sendAgain(LATE);
		expect(pending.echoed("m1")).toBe(true);
		expect(sendAll(pending, LATE)).toEqual(named(69).slice(2, 66));
	});

	test("nothing goes twice, however often it is asked for", () => {
		const pending = sending("a", "b");
		pending.sendAgain(LATE);
		pending.sendAgain(LATE);
		expect(sendAll(pending, LATE)).toEqual(["a", "b"]);
	});
});
