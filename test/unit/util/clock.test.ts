import { describe, expect, test } from "bun:test";
import { type Clocks, withoutStepsBack } from "../../../lib/util/clock.ts";

/** A wall clock that can be set, and what it shows without its steps back. */
class Wall {
	now = 50;
	ahead = 1_795_627_801_000;
	readonly steady: Clocks = withoutStepsBack({
		now: () => this.now,
		wallNow: () => this.now + this.ahead,
	});

	/** How far the steady clock is ahead of the wall clock after `milliseconds`. */
	aheadAfter(milliseconds: number): number {
		this.now += milliseconds;
		return this.steady.wallNow() - (this.now + this.ahead);
	}
}

describe("a wall clock without steps back", () => {
	test("shows the wall clock's time, whatever steps that takes forward", () => {
		const wall = new Wall();
		expect([wall.aheadAfter(0), wall.aheadAfter(7), wall.aheadAfter(60_000)]).toEqual([0, 0, 0]);
		wall.ahead += 3_600_000;
		expect([wall.aheadAfter(1), wall.aheadAfter(60_000)]).toEqual([0, 0]);
	});

	test.each([[1000], [120_000], [3_600_000]])(
		"never goes back nor stands still after a step of %i ms back, and is right again in the end",
		(step) => {
			const wall = new Wall();
			wall.ahead -= step;
			expect(wall.aheadAfter(0)).toBe(step);
			expect(wall.aheadAfter(step)).toBe(step / 2);
			expect(wall.aheadAfter(step)).toBe(0);
			expect(wall.aheadAfter(step)).toBe(0);
		},
	);

	test("gives whole milliseconds, and loses none however often it is asked", () => {
		const wall = new Wall();
		wall.ahead -= 1000;
		const times = Array.from({ length: 3000 }, () => {
			wall.now += 0.5;
			return wall.steady.wallNow();
		});
		expect(times.every(Number.isInteger)).toBe(true);
		expect(times).toEqual(times.toSorted((a, b) => a - b));
		expect(wall.aheadAfter(0)).toBe(250);
	});
});
