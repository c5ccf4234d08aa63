import { describe, expect, test } from "bun:test";
import { reason } from "../../../../lib/wire/errors/reason.ts";
import { DeliveryHarness } from "./delivery-harness.ts";
import { named } from "./pending-samples.ts";

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
		const echo = { type: "told", id: "b", at: 0, from: "ann", to: "bob", text: "text" } as const;
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

	test("a missing echo fails it, once", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		harness.passes();
		harness.passes();
		expect(harness.failures).toEqual([["a", "no_echo", reason("no_echo").text]]);
		expect(harness.pendingIds).toEqual(["a"]);
	});

	test("an echo that comes late ends it, whatever was told about it", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		harness.passes();
		harness.hears("a");
		expect([harness.pendingIds, harness.delivery.resendFailures()]).toEqual([[], 0]);
	});
});

test("what failed is sent again or forgotten, and what is in flight is neither", () => {
	const harness = new DeliveryHarness();
	harness.breaks();
	harness.says("old");
	harness.delivery.failUnsent();
	harness.returns();
	harness.pong();
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

test("what is forgotten makes room for what waits", () => {
	const harness = new DeliveryHarness();
	harness.says(...named(1100));
	for (let i = 0; i < 16; i++) harness.passes();
	expect(harness.sentIds).toEqual(named(1024));
	expect(harness.delivery.forgetFailures()).toBe(1024);
	expect(harness.sentIds).toEqual(named(1088));
});

describe("many messages given at once", () => {
	test("8,000 of them: at most 64 are in flight, and each goes once, in order", () => {
		const harness = new DeliveryHarness();
		const ids = named(8000);
		harness.says(...ids);
		for (let heard = 0; heard < ids.length; heard++) {
			expect(harness.sent.length).toBe(Math.min(heard + 64, ids.length));
			harness.hears(`m${heard}`);
		}
		expect(harness.sentIds).toEqual(ids);
		expect([harness.pendingIds, harness.failures]).toEqual([[], []]);
	});

	test("10,000 of them are all that it takes", () => {
		const harness = new DeliveryHarness();
		harness.says(...named(9999));
		expect(harness.delivery.isFull).toBe(false);
		harness.says("last");
		expect(harness.delivery.isFull).toBe(true);
		harness.hears("m0");
		expect(harness.delivery.isFull).toBe(false);
	});
});

describe("waiting", () => {
	test("there is nothing to wait for at first", async () => {
		const { delivery } = new DeliveryHarness();
		expect(await isResolved(delivery.waitForCapacity())).toBe(true);
		expect(await isResolved(delivery.waitUntilSettled())).toBe(true);
	});

	const ids = named(64);
	const endings: [what: string, end: (harness: DeliveryHarness, id: string) => void][] = [
		["an echo", (harness, id) => harness.hears(id)],
		["a refusal", (harness, id) => harness.isRefused("no", id)],
		["already said", (harness, id) => harness.isRefused("already_said", id)],
	];
	test.each(endings)("64 are unsettled at most: %s makes room for one more", async (_, end) => {
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

	test("what waits at home is unsettled, too, even while the connection is broken", async () => {
		const harness = new DeliveryHarness();
		harness.breaks();
		harness.says(...ids);
		const capacity = harness.delivery.waitForCapacity();
		const settled = harness.delivery.waitUntilSettled();
		expect([await isResolved(capacity), await isResolved(settled)]).toEqual([false, false]);
		harness.returns();
		harness.pong();
		for (const id of ids) harness.hears(id);
		expect([await isResolved(capacity), await isResolved(settled)]).toEqual([true, true]);
	});

	test("what is overdue is unsettled no more", async () => {
		const harness = new DeliveryHarness();
		harness.says(...ids);
		const settled = harness.delivery.waitUntilSettled();
		expect(await isResolved(settled)).toBe(false);
		harness.passes();
		expect(await isResolved(settled)).toBe(true);
	});
});
