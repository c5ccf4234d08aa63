import { afterEach, expect, spyOn, test } from "bun:test";
import { Guest } from "../../support/crowd.ts";
import { eventually } from "../../support/eventually.ts";
import { Peer } from "../../support/peer.ts";
import { Stage } from "../../support/programs.ts";

const CROWD = 512;
/** Logins at a time. */
const ENTERING = 64;
const FLAGS = ["--max-per-address", "1000", "--gmail-checks", "256", "--hello-time", "60"];

const spies = [spyOn(Bun, "gc"), spyOn(Bun, "shrink")] as const;
afterEach(() => {
	for (const spy of spies) spy.mockRestore();
});

test("the server has garbage of logins collected, and all given back once a crowd is in", async () => {
	const [gc, shrink] = spies;
	await using stage = await Stage.local(...FLAGS);
	const outsider = Peer.knocking(stage);
	let next = 0;
	const enter = async (): Promise<void> => {
		while (next < CROWD) stage.tidy(await Guest.join(stage, `c${next++}`));
	};
	await Promise.all(Array.from({ length: ENTERING }, enter));
	await eventually("garbage collected", () => gc.mock.calls.length > 0);
	expect(shrink.mock.calls.length).toBe(0);
	outsider.end();
	await eventually("memory given back", () => shrink.mock.calls.length > 0);
	expect(gc.mock.calls.length).toBe(1);
});
