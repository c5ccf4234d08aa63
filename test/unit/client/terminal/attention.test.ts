import { expect, test } from "bun:test";
import { Attention } from "../../../../lib/client/terminal/attention.ts";

const MINUTE = 60_000;

/** A user and the two clocks, which begin at different times. */
function sitDown() {
	const time = { now: 500, wallNow: 1_000_000 };
	const attention = new Attention({ now: () => time.now, wallNow: () => time.wallNow });
	const pass = (minutes: number): void => {
		time.now += minutes * MINUTE;
		time.wallNow += minutes * MINUTE;
	};
	return { time, attention, pass };
}

test("whoever looks on is shown no mark", () => {
	const { attention, pass } = sitDown();
	expect(attention.markNew()).toBeNull();
	for (let i = 0; i < 10; i++) {
		pass(4.9);
		expect(attention.markNew()).toBeNull();
		attention.pressed();
	}
	attention.focused(false);
	attention.focused(true);
	expect(attention.markNew()).toBeNull();
});

test("a lost focus is marked at once, before the first line and no other, until it is back", () => {
	const { time, attention, pass } = sitDown();
	const left = time.wallNow;
	attention.focused(false);
	pass(1);
	expect([attention.markNew(), attention.markNew()]).toEqual([left, null]);
	pass(60);
	expect(attention.markNew()).toBeNull();
	attention.focused(true);
	expect(attention.markNew()).toBeNull();
	attention.focused(false);
	expect(attention.markNew()).toBe(time.wallNow);
	// Keys come only to whoever has the focus, whatever was reported.
	attention.pressed();
	expect(attention.markNew()).toBeNull();
});

test("five minutes without a key are marked, with the time of the last one", () => {
	const { time, attention, pass } = sitDown();
	pass(3);
	attention.pressed();
	const seen = time.wallNow;
	pass(5);
	expect([attention.markNew(), attention.markNew()]).toEqual([seen, null]);
	attention.pressed();
	expect(attention.markNew()).toBeNull();
});

test.each(["now", "wallNow"] as const)("five minutes by %s alone are enough", (clock) => {
	const { time, attention } = sitDown();
	const seen = time.wallNow;
	time[clock] += 5 * MINUTE;
	expect(attention.markNew()).toBe(seen);
	// A clock that is set back says nothing.
	attention.pressed();
	time.wallNow -= 60 * MINUTE;
	expect(attention.markNew()).toBeNull();
});
