import { expect, test } from "bun:test";
import { ENTRIES, withCutLogs } from "./cut-logs.ts";

// For each of its bytes, run: bun run servers

test("a Redis that lost power within its last entry has all before it, and no half of one", async () => {
	await withCutLogs(async ({ begin, end, read }) => {
		expect(end - begin).toBeGreaterThan(100);
		const within = Array.from(
			{ length: 6 },
			() => begin + Math.floor(Math.random() * (end - begin)),
		);
		const cuts = [begin, begin + 1, ...within, end - 2, end - 1];
		const all = Array.from({ length: ENTRIES }, (_, index) => index + 1);
		expect(await read(cuts)).toEqual(cuts.map(() => all.slice(0, -1)));
		expect(await read([end])).toEqual([all]);
	});
});
