import { expect, test } from "bun:test";
import { LogClock } from "../../../../lib/server/room-log/log-clock.ts";
import { SetClocks } from "./logs.ts";

const MINUTE = 60_000;

function clockAfter(last?: { at: number; time: number }) {
	const clocks = new SetClocks();
	const warnings: string[] = [];
	return { clocks, warnings, clock: new LogClock(clocks, (text) => warnings.push(text), last) };
}

test("a new log begins at 0, and shows the wall's time", () => {
	const { clocks, clock, warnings } = clockAfter();
	expect(clock.stamp()).toEqual({ at: clocks.wall, time: 0 });
	clocks.pass(7);
	expect(clock.stamp()).toEqual({ at: clocks.wall, time: 7 });
	expect(warnings).toEqual([]);
});

test.each([
	["an hour ago", -60 * MINUTE],
	["in an hour, as this machine's clock sees it", 60 * MINUTE],
])("a log whose last entry was made %s goes on from there", (_, ahead) => {
	const { wall } = new SetClocks();
	const last = { at: wall + ahead, time: 12_345 };
	const { clocks, clock } = clockAfter(last);
	expect(clock.stamp()).toEqual({ at: Math.max(wall, last.at), time: last.time });
	clocks.pass(100);
	const at = ahead < 0 ? clocks.wall : last.at + 50;
	expect(clock.stamp()).toEqual({ at, time: last.time + 100 });
});

test.each([
	["one second", 1000, null],
	["a minute", MINUTE, null],
	["five minutes", 5 * MINUTE, "it is 5 min behind the times that the room has shown"],
	["three hours", 180 * MINUTE, "until the clock has caught up, in 360 min"],
])(
	"when the clock is set back by %s, the operator learns once what that means",
	(_, step, text) => {
		const { clocks, clock, warnings } = clockAfter();
		const lookFor = (minutes: number) => {
			for (let i = 0; i < minutes; i++) {
				clocks.pass(MINUTE);
				clock.stamp();
			}
		};
		clock.stamp();
		clocks.wall -= step;
		clock.stamp();
		lookFor(3);
		expect(warnings).toEqual(text === null ? [] : [expect.stringContaining(text)]);
		// It has caught up, and is set back again.
		lookFor((2 * step) / MINUTE);
		clocks.wall -= step;
		lookFor(2);
		expect(warnings).toHaveLength(text === null ? 0 : 2);
	},
);
