import { describe, expect, test } from "bun:test";
import { DeliveryHarness } from "./delivery-harness.ts";
import { named } from "./pending-samples.ts";

describe("nothing is sent", () => {
	test("while the connection is broken", () => {
		const harness = new DeliveryHarness();
		harness.breaks();
		harness.says("old");
		harness.delivery.failUnsent();
		harness.says("a");
		harness.delivery.resendFailures();
		harness.delivery.forgetFailures();
		expect([harness.sentIds, harness.pendingIds]).toEqual([[], ["old", "a"]]);
	});

	test("before the first pong of the new connection", () => {
		const harness = new DeliveryHarness();
		harness.says(...named(64));
		harness.breaks();
		expect(harness.returns()).toBe(false);
		harness.says("new");
		// Echoes and refusals in the replay make room, and still nothing goes.
		harness.hears("m0");
		harness.isRefused("no", "m1");
		harness.delivery.resendFailures();
		expect(harness.sentIds).toEqual(named(64));
		expect(harness.pong()).toBe(true);
		expect(harness.sent).toHaveLength(64 + 64);
	});

	test("before the pong that comes after what was said before we joined", () => {
		const harness = new DeliveryHarness({ history: { events: 50, until: 9 } });
		harness.says("a");
		harness.passes();
		harness.hears("a", "somebody");
		expect([harness.sentIds, harness.failures]).toEqual([[], []]);
		expect(harness.pong()).toBe(true);
		expect(harness.sentIds).toEqual(["a"]);
		harness.passes();
		expect(harness.failures).toHaveLength(1);
	});

	test("at a pong of an unbroken connection", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		expect(harness.pong()).toBe(true);
		expect(harness.sentIds).toEqual(["a"]);
	});

	test("before the pong of the newest connection, if it breaks again", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		for (let i = 0; i < 3; i++) {
			harness.breaks();
			harness.returns();
		}
		expect(harness.sentIds).toEqual(["a"]);
		harness.pong();
		harness.pong();
		expect(harness.sentIds).toEqual(["a", "a"]);
	});
});

describe("after a break", () => {
	test("whatever has no echo is sent again, and what the replay echoes is not", () => {
		const harness = new DeliveryHarness();
		harness.says("a", "b", "c", "d");
		harness.hears("a");
		harness.isRefused("no", "b");
		harness.breaks();
		harness.returns();
		harness.hears("c");
		harness.pong();
		expect(harness.sentIds).toEqual(["a", "b", "c", "d", "d"]);
		expect(harness.failures).toEqual([["b", "no", "no"]]);
	});

	test("what is typed during or after it never overtakes what was sent before", () => {
		const harness = new DeliveryHarness();
		harness.says("a", "b");
		harness.breaks();
		harness.says("c");
		harness.returns();
		harness.says("d");
		harness.pong();
		harness.says("e");
		expect(harness.sentIds.slice(2)).toEqual(["a", "b", "c", "d", "e"]);
	});

	test("more than 64 messages keep their order, too, and what was echoed is not among them", () => {
		const harness = new DeliveryHarness();
		const ids = named(200);
		harness.says(...ids);
		for (const id of ids.slice(0, 50)) harness.hears(id);
		harness.breaks();
		harness.says("new");
		harness.returns();
		harness.pong();
		for (let next = 50; harness.pendingIds.length > 0; next++) {
			expect(harness.inFlight).toBeLessThanOrEqual(64);
			harness.hears(ids[next] ?? "new");
		}
		expect(harness.sentIds.slice(50 + 64)).toEqual([...ids.slice(50), "new"]);
	});

	test("overdue messages are sent again, once", () => {
		const harness = new DeliveryHarness();
		harness.says("a", "b");
		harness.passes();
		harness.says("c");
		harness.breaks();
		harness.returns();
		harness.pong();
		expect(harness.sentIds).toEqual(["a", "b", "c", "a", "b", "c"]);
		expect(harness.delivery.resendFailures()).toBe(0);
		for (const id of ["a", "b", "c"]) harness.hears(id);
		expect(harness.pendingIds).toEqual([]);
	});

	test("messages that failed wait for the user", () => {
		const harness = new DeliveryHarness();
		harness.breaks();
		harness.says("old");
		harness.delivery.failUnsent();
		harness.returns();
		harness.pong();
		expect([harness.sentIds, harness.delivery.resendFailures()]).toEqual([[], 1]);
		expect(harness.sentIds).toEqual(["old"]);
	});
});

describe("in a new visit", () => {
	test("what was never sent goes out, and what may have been said has failed", () => {
		const harness = new DeliveryHarness();
		harness.says("sent");
		harness.breaks();
		harness.says("never", "neither");
		expect([harness.losesItsPlace(), harness.sentIds]).toEqual([false, ["sent"]]);
		harness.says("late");
		expect(harness.failures).toEqual([["sent", "resume_expired", expect.any(String)]]);
		expect([harness.rejoins(), harness.sentIds]).toEqual([
			false,
			["sent", "never", "neither", "late"],
		]);
		harness.delivery.resendFailures();
		expect(harness.sentIds.at(-1)).toBe("sent");
	});

	test("what was late has failed, and what was refused is not told again", () => {
		const harness = new DeliveryHarness();
		harness.says("late", "refused");
		harness.isRefused("muted", "refused");
		harness.passes();
		harness.breaks();
		harness.losesItsPlace();
		harness.rejoins();
		expect(harness.failures.map(([id, code]) => `${id} ${code}`)).toEqual([
			...["refused muted", "late no_echo", "late resume_expired"],
		]);
	});

	test("what the user shall decide on waits for that", () => {
		const harness = new DeliveryHarness();
		harness.says("sent");
		harness.breaks();
		harness.says("never");
		harness.losesItsPlace();
		harness.delivery.failUnsent();
		harness.rejoins();
		expect([harness.sentIds, harness.pendingIds]).toEqual([["sent"], ["sent", "never"]]);
		expect(harness.delivery.resendFailures()).toBe(2);
		expect(harness.sentIds).toEqual(["sent", "sent", "never"]);
	});
});

describe("another process of the visit", () => {
	/** Goes on as a reloaded page does. */
	function reloads({ delivery }: DeliveryHarness): DeliveryHarness {
		const after = new DeliveryHarness();
		after.breaks();
		after.delivery.restore(JSON.parse(JSON.stringify(delivery.unsent)));
		return after;
	}

	test("sends what waited, what was sent and what was late, in their order", () => {
		const before = new DeliveryHarness();
		before.says("late");
		before.passes();
		before.says("sent");
		before.breaks();
		before.says("waiting");
		const after = reloads(before);
		after.returns();
		after.pong();
		expect([after.sentIds, after.failures]).toEqual([["late", "sent", "waiting"], []]);
	});

	test("leaves what was refused, with the reason, to its author", () => {
		const before = new DeliveryHarness();
		before.says("a", "refused");
		before.isRefused("muted", "refused");
		const after = reloads(before);
		after.returns();
		after.pong();
		expect(after.sentIds).toEqual(["a"]);
		expect(after.delivery.late.map(({ message, failure }) => [message.id, failure])).toEqual([
			["refused", "no"],
		]);
		// However often.
		const again = reloads(after);
		again.returns();
		again.pong();
		expect(again.sentIds).toEqual(["a"]);
		expect(again.delivery.resendFailures()).toBe(1);
		expect(again.sentIds).toEqual(["a", "refused"]);
	});

	test("leaves what an earlier visit may have said to its author", () => {
		const before = new DeliveryHarness();
		before.says("said");
		before.breaks();
		before.losesItsPlace();
		before.rejoins();
		const after = reloads(before);
		after.returns();
		after.pong();
		expect([after.sentIds, after.pendingIds]).toEqual([[], ["said"]]);
		expect(after.delivery.forgetFailures()).toBe(1);
	});
});

describe("no echo is late", () => {
	test("while the connection is broken", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		harness.breaks();
		harness.passes();
		expect(harness.failures).toEqual([]);
	});

	test("while what was missed is still coming", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		harness.breaks();
		harness.passes();
		harness.returns();
		harness.passes();
		expect(harness.failures).toEqual([]);
	});

	test("right after that: a message sent again has its whole time", () => {
		const harness = new DeliveryHarness();
		harness.says("a");
		harness.breaks();
		harness.passes();
		harness.returns();
		harness.pong();
		harness.now += 1000;
		harness.delivery.checkOverdue();
		expect(harness.failures).toEqual([]);
		harness.passes();
		expect(harness.failures).toEqual([["a", "no_echo", expect.any(String)]]);
	});
});
