import { describe, expect, test } from "bun:test";
import { Delivery } from "../../../../lib/client/chat/delivery.ts";
import type { ClientMessage, Say } from "../../../../lib/wire/messages.ts";

const say = (id: string): Say => ({ type: "say", id, text: `text ${id}` });
const [SEQ, AT] = [1, 0];

/** A delivery whose connection and time a test controls, and everything that it does. */
class DeliveryHarness {
	now = 1_000_000;
	isOnline = true;
	readonly sent: ClientMessage[] = [];
	readonly failures: [id: string, code: string, reason: string | undefined][] = [];
	readonly delivery: Delivery;

	constructor() {
		const place = { epoch: 1, key: "", seq: 0, resume: "", grace: 0 };
		const harness = this;
		this.delivery = new Delivery({
			membership: {
				get isOnline() {
					return harness.isOnline;
				},
				send: (message) => void this.sent.push(message),
				welcome: { type: "welcome", name: "ann", members: [], ...place },
			},
			now: () => this.now,
			onFailure: ({ message, failure }, code) => {
				this.failures.push([message.id, code, failure]);
			},
		});
	}

	says(...ids: string[]): void {
		for (const id of ids) this.delivery.send(say(id));
	}

	hears(id: string, from = "ann"): boolean {
		const { text } = say(id);
		return this.delivery.receive({ type: "said", seq: SEQ, at: AT, from, id, text });
	}

	isRefused(code: string, id?: string): boolean {
		return this.delivery.receive({ type: "refused", code, text: "no", ...(id && { id }) });
	}

	/** Lets more time pass than a delivery waits for an echo. */
	passes(): void {
		this.now += 60_000;
		this.delivery.checkOverdue();
	}

	get sentIds(): unknown[] {
		return this.sent.map((message) => ("id" in message ? message.id : undefined));
	}

	get pendingIds(): string[] {
		return this.delivery.pending.map(({ message }) => message.id);
	}
}

/** Whether a promise has resolved, once everything that is due has run. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
	let resolved = false;
	void promise.then(() => {
		resolved = true;
	});
	await new Promise<void>((resolve) => setImmediate(resolve));
	return resolved;
}

describe("what becomes of a message", () => {
	test("its echo is for everybody to see, and ends it", () => {
		const harness = new DeliveryHarness();
		harness.says("a", "b");
		expect(harness.hears("a")).toBe(false);
		expect([harness.sentIds, harness.pendingIds]).toEqual([["a", "b"], ["b"]]);
		const echo = { type: "told", id: "b", at: AT, from: "ann", to: "bob", text: "text" } as const;
		expect(harness.delivery.receive(echo)).toBe(false);
		expect(harness.pendingIds).toEqual([]);
	});

	test("another's message under its id means nothing", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		expect(harness.hears("a", "bob")).toBe(false);
		expect(harness.pendingIds).toEqual(["a"]);
	});

	test("a refusal fails it, with the server's code and reason", () => {
		const harness = new DeliveryHarness();
		harness.says("a", "b");
		expect(harness.isRefused("no_such_member", "a")).toBe(true);
		expect(harness.failures).toEqual([["a", "no_such_member", "no"]]);
		expect(harness.pendingIds).toEqual(["a", "b"]);
	});

	test.each([undefined, "x"])("a refusal of something else is news: %p", (id) => {
		const harness = new DeliveryHarness();
		harness.says("a");
		expect(harness.isRefused("no", id)).toBe(false);
		expect(harness.failures).toEqual([]);
	});

	test("already said is as good as the echo, and news only where that got lost", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		expect(harness.isRefused("already_said", "a")).toBe(false);
		expect(harness.isRefused("already_said", "a")).toBe(true);
		expect([harness.pendingIds, harness.failures]).toEqual([[], []]);
	});

	test("no echo fails it, once, and no earlier while the connection is broken", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		harness.isOnline = false;
		harness.passes();
		expect(harness.failures).toEqual([]);
		harness.isOnline = true;
		harness.passes();
		harness.passes();
		expect(harness.failures).toEqual([["a", "no_echo", expect.any(String)]]);
	});
});

test("after a break what is in flight is sent again, and has its time again", () => {
	const harness = new DeliveryHarness();
	harness.says("a", "b", "c");
	harness.hears("a");
	harness.isRefused("no", "b");
	harness.now += 60_000;
	expect(harness.delivery.receive({ type: "online", lost: 0 })).toBe(false);
	expect(harness.sentIds).toEqual(["a", "b", "c", "c"]);
	harness.delivery.checkOverdue();
	expect(harness.failures).toEqual([["b", "no", "no"]]);
});

test("what failed is sent again or forgotten, and what is in flight is neither", () => {
	const harness = new DeliveryHarness();
	harness.delivery.restore([say("old")]);
	harness.says("a", "b");
	harness.isRefused("no", "a");
	expect(harness.delivery.pending.map(({ failure }) => failure === undefined)).toEqual([
		false,
		false,
		true,
	]);
	expect(harness.delivery.resendFailures()).toBe(2);
	expect(harness.sentIds).toEqual(["a", "b", "old", "a"]);
	expect(harness.delivery.resendFailures()).toBe(0);
	harness.isRefused("no", "old");
	expect(harness.delivery.forgetFailures()).toBe(1);
	expect(harness.pendingIds).toEqual(["a", "b"]);
});

describe("waiting", () => {
	test("there is nothing to wait for at first", async () => {
		const { delivery } = new DeliveryHarness();
		expect(await isResolved(delivery.waitForCapacity())).toBe(true);
		expect(await isResolved(delivery.waitUntilSettled())).toBe(true);
	});

	const ids = Array.from({ length: 64 }, (_, index) => `m${index}`);
	const endings: [what: string, end: (harness: DeliveryHarness, id: string) => void][] = [
		["an echo", (harness, id) => harness.hears(id)],
		["a refusal", (harness, id) => harness.isRefused("no", id)],
		["already said", (harness, id) => harness.isRefused("already_said", id)],
	];
	test.each(endings)("64 are in flight at most: %s makes room for one more", async (_, end) => {
		const harness = new DeliveryHarness();
		harness.says(...ids.slice(1));
		expect(await isResolved(harness.delivery.waitForCapacity())).toBe(true);
		harness.says("m0");
		const capacity = harness.delivery.waitForCapacity();
		const settled = harness.delivery.waitUntilSettled();
		expect(await isResolved(capacity)).toBe(false);
		end(harness, "m7");
		expect([await isResolved(capacity), await isResolved(settled)]).toEqual([true, false]);
		for (const id of ids) end(harness, id);
		expect(await isResolved(settled)).toBe(true);
	});

	test("what is overdue is in flight no more", async () => {
		const harness = new DeliveryHarness();
		harness.says(...ids);
		const settled = harness.delivery.waitUntilSettled();
		expect(await isResolved(settled)).toBe(false);
		harness.passes();
		expect(await isResolved(settled)).toBe(true);
	});
});
