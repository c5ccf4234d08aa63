import { expect, test } from "bun:test";
import { LoginGarbage } from "../../../../lib/server/net/login-garbage.ts";

/** What was done while so many members and others were connected, tick after tick. */
function steps(...ticks: [members: number, others: number][]): string {
	let done = "";
	const garbage = new LoginGarbage({
		collect: () => {
			done += "collected ";
		},
		shrink: () => {
			done += "shrunk ";
		},
	});
	for (const [members, others] of ticks) garbage.tick(members, others);
	return done.trimEnd();
}

test("garbage is collected while a crowd joins, and not while it stays or leaves", () => {
	expect(steps([1, 9], [300, 9], [511, 9])).toBe("");
	expect(steps([1, 9], [300, 9], [600, 9], [600, 9], [700, 9])).toBe("collected");
	expect(steps([600, 9], [1200, 9], [1800, 9], [1800, 9], [900, 9], [1, 9])).toBe(
		"collected collected collected",
	);
});

test("garbage is collected when another crowd comes after the first has left", () => {
	expect(steps([600, 9], [10, 9], [500, 9], [600, 9])).toBe("collected collected");
});

test("memory is given back once when all of a crowd are in", () => {
	expect(steps([600, 9], [900, 1], [901, 0], [901, 0], [1300, 0])).toBe("collected shrunk");
	expect(steps([600, 9], [601, 0], [1200, 0], [1200, 0])).toBe("collected shrunk collected shrunk");
});

test("a crowd that only comes back drops no code", () => {
	expect(steps([600, 0], [600, 0], [0, 0], [600, 0], [600, 0], [600, 0])).toBe(
		"collected shrunk collected",
	);
});

test("a few who come and go, however often, cause nothing", () => {
	expect(
		steps(...Array.from({ length: 1000 }, (_, i): [number, number] => [(i % 2) * 500, i % 3])),
	).toBe("");
});
