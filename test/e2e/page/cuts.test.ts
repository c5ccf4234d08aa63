import { expect, test } from "bun:test";
import { pageStorm } from "./storm.ts";

// For more cuts, run: bun test/long/cuts.ts

test("40 connections cut while 6 pages and 6 others talk: every line once, in one order, everywhere", async () => {
	const seed = Math.floor(Math.random() * 2 ** 32);
	const { cuts, reloads, said, ...faults } = await pageStorm(seed, 40);
	console.log(`seed ${seed}`, { cuts, reloads, said, ...faults });
	expect(faults).toEqual({ missing: 0, repeated: 0, disordered: 0, faults: 0 });
	expect(cuts).toBeGreaterThanOrEqual(40);
	expect(said).toBeGreaterThan(5);
}, 120_000);
