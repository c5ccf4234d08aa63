import { afterEach, expect, spyOn, test } from "bun:test";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { Stage } from "../../support/programs.ts";

const CROWD = 512;
/** Logins at a time. */
const ENTERING = 64;

const spies = [spyOn(Bun, "gc"), spyOn(Bun, "shrink")] as const;
afterEach(() => {
	for (const spy of spies) spy.mockRestore();
});

test("the server gives back the memory that a crowd's logins took", async () => {
	const [gc, shrink] = spies;
	await using stage = await Stage.local("--max-per-address", "1000", "--gmail-checks", "256");
	let next = 0;
	const enter = async (): Promise<void> => {
		while (next < CROWD) stage.tidy(await Guest.join(stage, `c${next++}`));
	};
	await Promise.all(Array.from({ length: ENTERING }, enter));
	await eventually("garbage collected", () => gc.mock.calls.length > 0);
	await eventually("memory given back", () => shrink.mock.calls.length > 0);
	expect([gc, shrink].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});
